import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  tenants: aws.tenants(env),
  keyUses: aws.keyUses(env),
  bus: aws.eventBus(env),
  budgets: aws.budgets(env),
  answers: aws.sealedAnswers(env),
  ...system,
}));
