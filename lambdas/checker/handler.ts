import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { deploymentOf, pendingDaysOf, sqsHandler, system } from '#shared/runtime/handler.ts';
import { checkAll } from './check-all.ts';
import declaration from './function.ts';
import { log } from './log.ts';

/** Check requests, some at a time. */
export const handler = sqsHandler(declaration, checkAll, (env) => ({
  ...system,
  deployment: deploymentOf(env),
  pending: pendingDaysOf(env),
  claims: aws.claims(env),
  checks: aws.checks(env),
  identities: aws.identities(env),
  identityQueue: aws.queue(env.IDENTITIES_QUEUE_URL),
  checkQueue: aws.queue(env.CHECK_QUEUE_URL),
  delegationQueue: aws.queue(env.DELEGATIONS_QUEUE_URL),
  rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  resolver: dns.resolver(env),
  log,
}));
