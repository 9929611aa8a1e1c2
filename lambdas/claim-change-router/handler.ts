import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, streamHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { routeChanges } from './route-changes.ts';

/** The claims table's stream, in batches; answers with the record to begin again from. */
export const handler = streamHandler(declaration, routeChanges, (env) => ({
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  revocationQueue: aws.queue(env.REVOCATIONS_QUEUE_URL),
  identityQueue: aws.queue(env.IDENTITIES_QUEUE_URL),
  checkQueue: aws.queue(env.CHECK_QUEUE_URL),
  log: ({ what, error }) => logger.error(`claim-change-router failed: ${what}`, error as Error),
}));
