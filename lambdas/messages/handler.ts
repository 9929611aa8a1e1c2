import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { listOf, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  ...system,
  claims: aws.claims(env),
  messages: aws.messages(env),
  mails: aws.mails(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
}));
