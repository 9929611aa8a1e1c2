import * as aws from '#shared/adapters/aws/wire.ts';
import { count, environmentOf, logger, sqsHandler } from '#shared/runtime/handler.ts';
import { applySesEvents } from './apply-events.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const ports = { messages: aws.messages(env), bus: aws.eventBus(env), log: logger };

/** SES events (by SNS, raw delivery) to the status of messages. */
export const handler = sqsHandler(async (bodies) => {
  const { failed, unmatched } = await applySesEvents(ports, bodies);
  if (unmatched > 0) count('EventsUnmatched', unmatched);
  return failed;
});
