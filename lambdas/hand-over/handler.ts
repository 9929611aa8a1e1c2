import { actingAs, serviceActor } from '#shared/runtime/actor.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import type { ServiceSender } from '#shared/app/sending/service-mail.ts';
import { submitMail } from '#shared/app/sending/submit.ts';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import {
  deploymentOf,
  environmentOf,
  listOf,
  logger,
  pendingDaysOf,
  system,
} from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { log } from './log.ts';
import type { HandOverPorts } from './ports.ts';
import { sendDue } from './send-due.ts';

const env = environmentOf(declaration);
const claims = aws.claims(env);
const messages = aws.messages(env);
const submitPorts = {
  ...system,
  claims,
  messages,
  budgets: aws.budgets(env),
  suppressions: aws.suppressed(env, 'recent'),
  mails: aws.mails(env),
  mailCounts: aws.mailCounts(env),
  outbox: aws.outbox(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  log: logger,
  isOutage,
  maxOctets: maxSubmittedOctets(sesExit),
  unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
};
const ports: HandOverPorts = {
  ...system,
  claims,
  messages,
  handOvers: aws.handOvers(env),
  contacts: aws.contacts(env),
  checks: aws.checkResults(env),
  tenants: aws.apiKeys(env),
  bus: aws.eventBus(env),
  deployment: deploymentOf(env),
  pending: pendingDaysOf(env),
  composeMail,
  submit: (mail) => submitMail(submitPorts, mail),
  log,
};
/** Null where the operator sends no mails to contacts. */
const sender = JSON.parse(env.HAND_OVER) as ServiceSender | null;

export async function handler(): Promise<void> {
  if (sender === null) return;
  await actingAs(serviceActor(declaration.name), () => sendDue(ports, sender));
}
