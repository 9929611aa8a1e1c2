import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  webhooks: aws.webhooks(env),
  box: aws.secretBox(env),
  queue: aws.queue(env.WEBHOOK_QUEUE_URL),
  notices: aws.notices(env),
  sendsMails: env.HAND_OVER !== 'null',
  budgets: aws.budgets(env),
  answers: aws.sealedAnswers(env),
  zone: deploymentOf(env).zone,
  ...system,
}));
