import * as aws from '#shared/adapters/aws/wire.ts';
import { count, logger, retryTime, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { planIdentities, type IdentityPlannerPorts } from './plan-identities.ts';

/** Counts identities and queues those left over; the time when it was due does not matter. */
const plan = async (ports: IdentityPlannerPorts, _at: Date, deadline: number): Promise<void> => {
  const { used, isNear, queued } = await planIdentities(ports, deadline);
  if (isNear) count('IdentityQuotaNear');
  logger.info('SES identities counted', { used, queued });
};

export const handler = scheduleHandler(declaration, plan, (env) => ({
  ...retryTime,
  identities: aws.identities(env),
  ses: aws.sesControl(),
  turns: aws.sesTurns(env),
  queue: aws.queue(env.IDENTITIES_QUEUE_URL),
  quota: Number(env.IDENTITY_QUOTA),
  alarmPercent: Number(env.IDENTITY_ALARM),
}));
