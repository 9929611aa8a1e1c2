import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { planRollOuts, type RollOutPlannerPorts } from './plan-roll-outs.ts';

const env = requireEnv(Env.claimsTable, Env.rollOutQueueUrl);

const ports: RollOutPlannerPorts = {
  claims: dynamoClaimStore(documentClient(), env[Env.claimsTable]),
  rollOutQueue: sqsQueue(sqsClient(), env[Env.rollOutQueueUrl]),
};

/** The schedule of every day. */
export async function handler({ scheduledTime }: { scheduledTime?: unknown }): Promise<void> {
  if (typeof scheduledTime !== 'string' || Number.isNaN(Date.parse(scheduledTime))) {
    throw new TypeError(
      `the scheduled time ${JSON.stringify(scheduledTime)} is not a time; the Scheduler must send <aws.scheduler.scheduled-time>`,
    );
  }
  const queued = await planRollOuts(ports, new Date(scheduledTime).toISOString());
  logger.info('DMARC plans queued', { queued });
}
