import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logger, streamHandler } from '#shared/runtime/handler.ts';
import { announce, type AnnouncerPorts } from './announce.ts';
import declaration from './function.ts';

const ports: AnnouncerPorts = {
  bus: aws.eventBus(environmentOf(declaration)),
  report: ({ what, error }) => logger.error(`announcer failed: ${what}`, error as Error),
};

/** The claims table's stream, in batches; answers with the record to begin again from. */
export const handler = streamHandler((records) => announce(ports, records));
