import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { planChecks, type PlannerPorts } from './plan-checks.ts';

const env = requireEnv(Env.checksTable, Env.checkQueueUrl);

const ports: PlannerPorts = {
  checks: dynamoCheckStore(documentClient(), env[Env.checksTable]),
  checkQueue: sqsQueue(sqsClient(), env[Env.checkQueueUrl]),
};

/** The schedule of every minute. */
export async function handler(): Promise<void> {
  const { queued, full } = await planChecks(ports, new Date());
  if (full > 0) logger.warn('more checks are due than one run may queue', { queued, full });
  else if (queued > 0) logger.info('checks queued', { queued });
}
