import { actingAs, serviceActor } from '#shared/runtime/actor.ts';
import { submission } from '#shared/adapters/aws/submission.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import type { ServiceSender } from '#shared/app/sending/service-mail.ts';
import { submitMail } from '#shared/app/sending/submit.ts';
import { deploymentOf, environmentOf, pendingDaysOf, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { log } from './log.ts';
import type { HandOverPorts } from './ports.ts';
import { sendDue } from './send-due.ts';

const env = environmentOf(declaration);
const submitPorts = submission(env);
const ports: HandOverPorts = {
  ...system,
  claims: submitPorts.claims,
  messages: submitPorts.messages,
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
