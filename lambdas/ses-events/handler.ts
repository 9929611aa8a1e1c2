import * as aws from '#shared/adapters/aws/wire.ts';
import { count, logger, sqsHandler } from '#shared/runtime/handler.ts';
import { applySesEvents, type SesEventsPorts } from './apply-events.ts';
import declaration from './function.ts';

/** SES events (by SNS, raw delivery) to the status of messages. */
const apply = async (ports: SesEventsPorts, bodies: readonly string[]) => {
  const { failed, unmatched } = await applySesEvents(ports, bodies);
  if (unmatched > 0) count('EventsUnmatched', unmatched);
  return failed;
};

export const handler = sqsHandler(declaration, apply, (env) => ({
  messages: aws.messages(env),
  bus: aws.eventBus(env),
  log: logger,
}));
