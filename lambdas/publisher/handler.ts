import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import type { PublisherPorts } from './ports.ts';
import { publishAll } from './publish-all.ts';
import { report } from './reporting.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.publicationsTable,
  Env.revokedKeysTable,
  Env.publishQueueUrl,
  Env.insyncQueueUrl,
);
const dynamo = documentClient();
const sqs = sqsClient();

const ports: PublisherPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  zone: route53Zone(route53Client()),
  publishQueue: sqsQueue(sqs, env[Env.publishQueueUrl], { fifo: true }),
  insyncQueue: sqsQueue(sqs, env[Env.insyncQueueUrl]),
  clock: { now: () => new Date() },
  sleep,
  random: Math.random,
  report,
};

/** Left for the call under way, its notes and queueing the rest again. */
const RESERVE_MS = 20_000;

/** Publish requests of some shards; FIFO lets nobody else at these shards meanwhile. */
export async function handler(
  { Records: records }: SQSEvent,
  context: Context,
): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  const bodies = records.map(({ body }) => body);
  const failed = await publishAll(ports, bodies, deadline);
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
