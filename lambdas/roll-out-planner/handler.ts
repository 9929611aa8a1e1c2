import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { planRollOuts, type RollOutPlannerPorts } from './plan-roll-outs.ts';

const plan = async (ports: RollOutPlannerPorts, at: Date): Promise<void> => {
  const queued = await planRollOuts(ports, at.toISOString());
  logger.info('DMARC plans queued', { queued });
};

export const handler = scheduleHandler(declaration, plan, (env) => ({
  claims: aws.claims(env),
  rollOutQueue: aws.queue(env.ROLL_OUT_QUEUE_URL),
}));
