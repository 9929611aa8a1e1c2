import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { count, logger } from '#shared/runtime/log.ts';
import { applySesEvents } from './apply-events.ts';

const env = requireEnv(Env.messagesTable, Env.eventBus);
const messages = dynamoMessageStore(documentClient(), env[Env.messagesTable]);
const bus = eventBridgeBus(eventBridgeClient(), env[Env.eventBus]);

/** SES events (by SNS, raw delivery) to the status of messages. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const { failed, unmatched } = await applySesEvents(
    { messages, bus, log: logger },
    records.map(({ body }) => body),
  );
  if (unmatched > 0) count('EventsUnmatched', unmatched);
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
