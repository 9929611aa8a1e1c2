import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { pollAll, type InsyncPorts } from './poll.ts';
import { report } from './reporting.ts';
import { tellPublished } from './tell-published.ts';

const env = requireEnv(Env.claimsTable, Env.publicationsTable, Env.insyncQueueUrl, Env.eventBus);
const dynamo = documentClient();
const telling = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  bus: eventBridgeBus(eventBridgeClient(), env[Env.eventBus]),
};

const ports: InsyncPorts = {
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  zone: route53Zone(route53Client()),
  insyncQueue: sqsQueue(sqsClient(), env[Env.insyncQueueUrl]),
  clock: { now: () => new Date() },
  tellPublished: (labels, at) => tellPublished(telling, labels, at),
  report,
};

/** Polls of Route 53 changes; one that is still pending is queued again, not failed. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const bodies = records.map(({ body }) => body);
  const failed = await pollAll(ports, bodies);
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
