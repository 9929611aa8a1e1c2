import * as aws from '#shared/adapters/aws/wire.ts';
import { count, listOf, logger, scheduleHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { inspect, type MonitorPorts } from './inspect.ts';

const monitor = (ports: MonitorPorts): Promise<void> => inspect(ports);

export const handler = scheduleHandler(declaration, monitor, (env) => ({
  queues: listOf(env.LETTER_QUEUES),
  depths: aws.queueDepths(),
  sendQuota: aws.sendQuota(),
  count,
  log: logger,
}));
