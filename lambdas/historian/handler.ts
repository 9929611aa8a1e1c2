import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logger, messageHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { noteEvent } from './note-event.ts';

const history = aws.history(environmentOf(declaration));

export const handler = messageHandler(
  (body) => noteEvent(history, body),
  (error) => logger.error('an event could not be noted', error as Error),
);
