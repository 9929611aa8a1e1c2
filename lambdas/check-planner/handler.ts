import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logger } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { planChecks } from './plan-checks.ts';

const env = environmentOf(declaration);
const ports = { checks: aws.checks(env), checkQueue: aws.queue(env.CHECK_QUEUE_URL) };

export async function handler(): Promise<void> {
  const { queued, full } = await planChecks(ports, new Date());
  if (full > 0) logger.warn('more checks are due than one run may queue', { queued, full });
  else if (queued > 0) logger.info('checks queued', { queued });
}
