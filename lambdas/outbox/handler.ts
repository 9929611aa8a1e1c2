import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, count, logger, scheduleHandler } from '#shared/runtime/handler.ts';
import { checkOutbox, type OutboxPorts } from './check-outbox.ts';
import declaration from './function.ts';

/** Checks the minutes that are due; the time when it was due does not matter. */
const check = async (ports: OutboxPorts, _at: Date, deadline: number): Promise<void> => {
  const { checked, queued, isBehind } = await checkOutbox(ports, deadline);
  if (isBehind) count('OutboxBehind');
  if (checked > 0) logger.info('accepted mail was checked', { checked, queued });
};

export const handler = scheduleHandler(declaration, check, (env) => ({
  outbox: aws.outbox(env),
  messages: aws.messages(env),
  tenants: aws.apiKeys(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  clock,
}));
