import { apiHandler } from '#shared/api/handler.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, listOf, logger, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  ...system,
  claims: aws.claims(env),
  budgets: aws.budgets(env),
  answers: aws.sealedAnswers(env),
  suppressions: aws.suppressed(env, 'recent'),
  messages: aws.messages(env),
  rateSchedules: aws.rateScheduleReader(env),
  mails: aws.mails(env),
  mailCounts: aws.mailCounts(env),
  reputations: aws.reputations(env),
  log: logger,
  isOutage,
  outbox: aws.outbox(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  sendingAccount: aws.sendingAccount(clock, (error) =>
    logger.warn('the sending account could not be read', { error }),
  ),
  uploads: aws.uploads(env),
  composeMail,
  maxOctets: maxSubmittedOctets(sesExit),
  unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
}));
