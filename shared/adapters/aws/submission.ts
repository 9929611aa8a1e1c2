import type { SubmitPorts } from '#shared/app/sending/submit.ts';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { listOf, logger, system } from '#shared/runtime/handler.ts';
import { isOutage } from './outage.ts';
import * as aws from './wire.ts';

type Setting =
  | 'BUDGET_LIMITS'
  | 'BUDGETS_TABLE'
  | 'CLAIMS_TABLE'
  | 'MAIL_BUCKET'
  | 'MESSAGES_TABLE'
  | 'OUTBOUND_QUEUE_URL'
  | 'SUPPRESSIONS_TABLE'
  | 'UNSIGNED_ALLOWED';

/** What every submission channel submits mail by: the ports of `submitMail`, on AWS. */
export const submission = (env: Readonly<Record<Setting, string>>) =>
  ({
    ...system,
    claims: aws.claims(env),
    budgets: aws.budgets(env),
    suppressions: aws.suppressed(env, 'recent'),
    messages: aws.messages(env),
    mails: aws.mails(env),
    mailCounts: aws.mailCounts(env),
    outbox: aws.outbox(env),
    outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
    log: logger,
    isOutage,
    maxOctets: maxSubmittedOctets(sesExit),
    unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
  }) satisfies SubmitPorts;
