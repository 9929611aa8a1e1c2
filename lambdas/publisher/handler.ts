import { randomUUID } from 'node:crypto';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, retryTime, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { publishAll } from './publish-all.ts';
import { log } from './log.ts';

/** Publish requests of some shards, from either queue; a lease keeps others from their zones. */
export const handler = sqsHandler(declaration, publishAll, (env) => ({
  ...retryTime,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  zone: aws.zone(),
  leases: aws.zoneLeases(env),
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  revocationQueue: aws.queue(env.REVOCATIONS_QUEUE_URL),
  insyncQueue: aws.queue(env.INSYNC_QUEUE_URL),
  newName: randomUUID,
  isOutage,
  log,
}));
