import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logger, streamHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { relay, type RelayPorts } from './relay.ts';

const env = environmentOf(declaration);
const ports: RelayPorts = {
  publishQueue: aws.queue(env.PUBLISH_QUEUE_URL),
  identityQueue: aws.queue(env.IDENTITY_QUEUE_URL),
  checkQueue: aws.queue(env.CHECK_QUEUE_URL),
  report: ({ what, error }) => logger.error(`relay failed: ${what}`, error as Error),
};

/** The claims table's stream, in batches; answers with the record to begin again from. */
export const handler = streamHandler((records) => relay(ports, records));
