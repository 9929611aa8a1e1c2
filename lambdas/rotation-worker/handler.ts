import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import { kmsClient, kmsKeyForge } from '#shared/adapters/aws/key-forge.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import { dynamoRotationPace } from '#shared/adapters/aws/rotation-pace.ts';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import type { WorkerPorts } from './ports.ts';
import { report } from './reporting.ts';
import { heldBackTeller } from './telling.ts';
import { workAll } from './work.ts';

const env = requireEnv(
  Env.claimsTable,
  Env.publicationsTable,
  Env.revokedKeysTable,
  Env.rotationsTable,
  Env.disclosuresTable,
  Env.keyDisclosure,
  Env.rotationQueueUrl,
  Env.eventBus,
  Env.rotationsPerSecond,
  Env.wrappingKeyArn,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();
const teller = heldBackTeller(eventBridgeBus(eventBridgeClient(), env[Env.eventBus]), report);

const ports: WorkerPorts = {
  claims: dynamoClaimStore(
    dynamo,
    env[Env.claimsTable],
    env[Env.keyDisclosure] === 'on' ? env[Env.disclosuresTable] : undefined,
  ),
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  backlog: dynamoRotationBacklog(dynamo, env[Env.rotationsTable]),
  runs: dynamoRotationRuns(dynamo, env[Env.rotationsTable]),
  pace: dynamoRotationPace(dynamo, env[Env.rotationsTable]),
  claimsPerSecond: Number(env[Env.rotationsPerSecond]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  forge: kmsKeyForge(kmsClient(), env[Env.wrappingKeyArn]),
  rotationQueue: sqsQueue(sqsClient(), env[Env.rotationQueueUrl]),
  patience: { clock: { now: () => new Date() }, sleep, random: Math.random },
  random: { bytes: randomBytes },
  isOutage,
  report: teller.report,
};

/** Batches of claims to be rotated, and rings to be mended. */
export async function handler(
  { Records: records }: SQSEvent,
  context: Context,
): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis();
  const failed = await workAll(
    ports,
    records.map(({ body }) => body),
    deadline,
  );
  await teller.tell();
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
