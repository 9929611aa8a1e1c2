import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  platforms: aws.platforms(env),
  tenants: aws.tenants(env),
  heldMessages: aws.heldMessages(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  budgets: aws.budgets(env),
  answers: aws.sealedAnswers(env),
  ...system,
}));
