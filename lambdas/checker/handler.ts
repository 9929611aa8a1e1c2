import { randomBytes } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { checkAll, type CheckerPorts } from './check-all.ts';
import { report } from './reporting.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.checksTable,
  Env.identitiesTable,
  Env.identityQueueUrl,
  Env.rotationQueueUrl,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();
const sqs = sqsClient();

const ports: CheckerPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  checks: dynamoCheckStore(dynamo, env[Env.checksTable]),
  identities: dynamoIdentityStore(dynamo, env[Env.identitiesTable]),
  identityQueue: sqsQueue(sqs, env[Env.identityQueueUrl], { fifo: true }),
  rotationQueue: sqsQueue(sqs, env[Env.rotationQueueUrl]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  random: { bytes: randomBytes },
  clock: { now: () => new Date() },
  report,
};

/** Check requests, some at a time. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await checkAll(
    ports,
    records.map(({ body }) => body),
  );
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
