import * as aws from '#shared/adapters/aws/wire.ts';
import {
  environmentOf,
  logger,
  scheduledTimeOf,
  type ScheduleEvent,
} from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { planRollOuts } from './plan-roll-outs.ts';

const env = environmentOf(declaration);
const ports = { claims: aws.claims(env), rollOutQueue: aws.queue(env.ROLL_OUT_QUEUE_URL) };

/** The schedule of every day. */
export async function handler(event: ScheduleEvent): Promise<void> {
  const queued = await planRollOuts(ports, scheduledTimeOf(event).toISOString());
  logger.info('DMARC plans queued', { queued });
}
