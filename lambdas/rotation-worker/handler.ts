import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { sqsHandler, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { log } from './log.ts';
import { workAndPublish } from './blocked-event-publisher.ts';

/** Batches of claims to be rotated, and rings to be repaired. */
export const handler = sqsHandler(declaration, workAndPublish, (env) => ({
  ...system,
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  backlog: aws.rotationBacklog(env),
  runs: aws.rotationRuns(env),
  rateLimiter: aws.rotationRateLimiter(env),
  claimsPerSecond: Number(env.ROTATIONS_PER_SECOND),
  resolver: dns.resolver(env),
  forge: aws.keyForge(env),
  rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  checks: aws.checks(env),
  bus: aws.eventBus(env),
  isOutage,
  log,
}));
