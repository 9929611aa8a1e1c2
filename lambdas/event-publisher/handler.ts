import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, streamHandler } from '#shared/runtime/handler.ts';
import { publishEvents } from './publish-events.ts';
import declaration from './function.ts';

/** The claims table's stream, in batches; answers with the record to begin again from. */
export const handler = streamHandler(declaration, publishEvents, (env) => ({
  bus: aws.eventBus(env),
  log: ({ what, error }) => logger.error(`announcer failed: ${what}`, error as Error),
}));
