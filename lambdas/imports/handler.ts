import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  imports: aws.imports(env),
  claims: aws.claims(env),
  identities: aws.identities(env),
  budgets: aws.budgets(env),
  answers: aws.answers(env),
  queue: aws.queue(env.IMPORTS_QUEUE_URL),
  zone: deploymentOf(env).zone,
  ...system,
}));
