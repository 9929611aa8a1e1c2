import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { relay, type RelayPorts } from './relay.ts';

const env = requireEnv(Env.publishQueueUrl, Env.identityQueueUrl, Env.checkQueueUrl);
const sqs = sqsClient();

const ports: RelayPorts = {
  publishQueue: sqsQueue(sqs, env[Env.publishQueueUrl], { fifo: true }),
  identityQueue: sqsQueue(sqs, env[Env.identityQueueUrl], { fifo: true }),
  checkQueue: sqsQueue(sqs, env[Env.checkQueueUrl]),
  report: ({ what, error }) => logger.error(`relay failed: ${what}`, error as Error),
};

/** The claims table's stream, in batches; answers with the record to begin again from. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failedFrom = await relay(ports, event.Records);
  return {
    batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }],
  };
}
