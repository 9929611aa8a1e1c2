import type { ApiEvent } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, listOf, logger, system } from '#shared/runtime/handler.ts';
import { answer, type MessagePorts } from './answer.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const ports: MessagePorts = {
  ...system,
  claims: aws.claims(env),
  messages: aws.messages(env),
  mails: aws.mails(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  unsignedAllowed: new Set(listOf(env.UNSIGNED_ALLOWED)),
};

export const handler = (event: ApiEvent) =>
  answer(event, ports, (error) => logger.error('a request failed', { error, path: event.rawPath }));
