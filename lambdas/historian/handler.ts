import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoHistory } from '#shared/adapters/aws/history.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { noteEvents, type HistorianPorts } from './note-events.ts';

const env = requireEnv(Env.eventsTable);
const ports: HistorianPorts = {
  history: dynamoHistory(documentClient(), env[Env.eventsTable]),
  report: (error) => logger.error('an event could not be noted', error as Error),
};

/** Events about domains from the bus, into their histories. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await noteEvents(ports, records);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
