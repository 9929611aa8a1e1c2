import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, messageHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { noteEvent } from './note-event.ts';

const noting = {
  work: noteEvent,
  failed: (error: unknown) => logger.error('an event could not be noted', error as Error),
};

export const handler = messageHandler(declaration, noting, aws.history);
