import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { identitiesClient, sesIdentities } from '#shared/adapters/aws/ses-identities.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { maintainAll, type IdentityPorts } from './maintain.ts';
import { pacer } from './pacer.ts';
import { report } from './reporting.ts';

const env = requireEnv(Env.deployment, Env.claimsTable, Env.identitiesTable);
const dynamo = documentClient();
const clock = { now: () => new Date() };

const ports: IdentityPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  identities: dynamoIdentityStore(dynamo, env[Env.identitiesTable]),
  ses: sesIdentities(identitiesClient()),
  pace: pacer(clock, sleep),
  clock,
  sleep,
  random: Math.random,
  report,
};

/** Left for the last call and its note. */
const RESERVE_MS = 15_000;

/** Domains whose SES identity may have to come, go or be polled; FIFO with one group, so nobody else calls SES meanwhile. */
export async function handler(
  { Records: records }: SQSEvent,
  context: Context,
): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  const bodies = records.map(({ body }) => body);
  const failed = await maintainAll(ports, bodies, deadline);
  return {
    batchItemFailures: failed.map((index) => ({ itemIdentifier: records[index]!.messageId })),
  };
}
