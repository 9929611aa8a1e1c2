import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import type { ReconcilerPorts } from './ports.ts';
import { reconcile } from './reconcile.ts';
import { report } from './reporting.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.publicationsTable,
  Env.revokedKeysTable,
  Env.publishQueueUrl,
);
const dynamo = documentClient();

const ports: ReconcilerPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  zone: route53Zone(route53Client()),
  publishQueue: sqsQueue(sqsClient(), env[Env.publishQueueUrl], { fifo: true }),
  clock: { now: () => new Date() },
  sleep,
  random: Math.random,
  report,
};

/** Left for the last writes and messages. */
const RESERVE_MS = 20_000;

/** The daily schedule; an operator may call it with `{}` at any time. */
export async function handler(event: { scheduledTime?: string }, context: Context): Promise<void> {
  const scheduledTime =
    event.scheduledTime === undefined ? new Date() : new Date(event.scheduledTime);
  const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  await reconcile(ports, scheduledTime, deadline);
}
