import { dynamoClaimStore } from '#shared/aws/claim-store.ts';
import { documentClient } from '#shared/aws/dynamo.ts';
import { dynamoRotationRuns } from '#shared/aws/rotation-runs.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { count, logger } from '#shared/runtime/log.ts';
import { periodOf, planRotation, type RotationPlannerPorts } from './plan-rotation.ts';

const env = requireEnv(Env.claimsTable, Env.rotationsTable);
const dynamo = documentClient();

const ports: RotationPlannerPorts = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  runs: dynamoRotationRuns(dynamo, env[Env.rotationsTable]),
  clock: { now: () => new Date() },
};

/** The schedule of every month. */
export async function handler(event: { scheduledTime?: unknown }): Promise<void> {
  const period = periodOf(event.scheduledTime);
  const run = await planRotation(ports, period);
  if (run === undefined) return logger.info('rotation run had finished before', { period });
  count('RotationDue', run.due);
  count('RotationNotDue', run.notDue);
  logger.info('rotation run finished', { ...run });
}
