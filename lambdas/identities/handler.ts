import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, retryTime, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { maintainAll } from './maintain.ts';
import { log } from './log.ts';

/** Claims whose turn it is at SES: identities to come, go or be polled. */
export const handler = sqsHandler(declaration, maintainAll, (env) => ({
  ...retryTime,
  deployment: deploymentOf(env),
  name: env.DEPLOYMENT_NAME,
  claims: aws.claims(env),
  identities: aws.identities(env),
  ses: aws.sesControl(),
  turns: aws.sesTurns(env),
  quota: Number(env.IDENTITY_QUOTA),
  queue: aws.queue(env.IDENTITIES_QUEUE_URL),
  operatorEvents: aws.operatorEvents(env),
  isOutage,
  log,
}));
