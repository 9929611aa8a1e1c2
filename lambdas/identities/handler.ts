import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, retryTime, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { maintainAll } from './maintain.ts';
import { rateLimiter } from './rate-limiter.ts';
import { log } from './log.ts';

/**
 * Domains whose SES identity may have to come, go or be polled; FIFO with one group, so that no
 * other call reaches SES meanwhile.
 */
export const handler = sqsHandler(declaration, maintainAll, (env) => ({
  ...retryTime,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  identities: aws.identities(env),
  ses: aws.sesControl(),
  rateLimiter: rateLimiter(retryTime.clock, retryTime.sleep),
  log,
}));
