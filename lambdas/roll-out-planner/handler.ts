import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logger, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { planRollOuts } from './plan-roll-outs.ts';

const env = environmentOf(declaration);
const ports = { claims: aws.claims(env), rollOutQueue: aws.queue(env.ROLL_OUT_QUEUE_URL) };

export const handler = scheduleHandler(async (at) => {
  const queued = await planRollOuts(ports, at.toISOString());
  logger.info('DMARC plans queued', { queued });
});
