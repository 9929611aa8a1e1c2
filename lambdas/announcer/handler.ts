import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { announce, type AnnouncerPorts } from './announce.ts';

const env = requireEnv(Env.eventBus);
const ports: AnnouncerPorts = {
  bus: eventBridgeBus(eventBridgeClient(), env[Env.eventBus]),
  report: ({ what, error }) => logger.error(`announcer failed: ${what}`, error as Error),
};

/** The claims table's stream, in batches; answers with the record to begin again from. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failedFrom = await announce(ports, event.Records);
  return {
    batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }],
  };
}
