import * as aws from '#shared/adapters/aws/wire.ts';
import { logRecovered } from '#shared/app/revocations/log.ts';
import { deploymentOf, retryTime, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { reconcile } from './reconcile.ts';
import { log } from './log.ts';

export const handler = scheduleHandler(declaration, reconcile, (env) => ({
  ...retryTime,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  revocationLedger: aws.revocationLedger(env),
  logRecovered,
  zone: aws.zone(),
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  log,
}));
