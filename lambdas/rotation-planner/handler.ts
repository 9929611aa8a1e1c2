import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { periodOf } from '#shared/core/model/rotation.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { advance, begin } from './advance.ts';
import type { PlannerPorts } from './ports.ts';
import { report } from './reporting.ts';
import { retryBacklog } from './retry.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.publicationsTable,
  Env.rotationsTable,
  Env.rotationQueueUrl,
  Env.rotationsPerSecond,
  Env.rotationWatchMinutes,
);
const dynamo = documentClient();

const ports: PlannerPorts = {
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  publications: dynamoPublicationStore(dynamo, env[Env.publicationsTable]),
  runs: dynamoRotationRuns(dynamo, env[Env.rotationsTable]),
  backlog: dynamoRotationBacklog(dynamo, env[Env.rotationsTable]),
  rotationQueue: sqsQueue(sqsClient(), env[Env.rotationQueueUrl]),
  clock: { now: () => new Date() },
  sleep,
  settings: {
    // Empty where the operator names none.
    ownDomains: (process.env[Env.rotationOwnDomains] ?? '')
      .split(',')
      .filter(Boolean) as DomainName[],
    claimsPerSecond: Number(env[Env.rotationsPerSecond]),
    watchMinutes: Number(env[Env.rotationWatchMinutes]),
  },
  report,
};

/** The next call comes a minute after this one. */
const CALL_MS = 58_000;

/** The schedules: `start` every month, `continue` every minute, `retry` every day. */
export async function handler(event: {
  readonly task?: unknown;
  readonly scheduledTime?: unknown;
}): Promise<void> {
  const deadline = Date.now() + CALL_MS;
  switch (event.task) {
    case 'start':
      // What goes on is the call of every minute, this one's among them: two planners at the first
      // wave would queue its claims twice, and keys would be made for nothing.
      return begin(ports, periodOf(event.scheduledTime));
    case 'continue':
      return advance(ports, deadline);
    case 'retry':
      return retryBacklog(ports);
    default:
      throw new TypeError(
        `the task is ${JSON.stringify(event.task)}; it must be start, continue or retry`,
      );
  }
}
