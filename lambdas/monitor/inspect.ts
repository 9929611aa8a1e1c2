import type { Log } from '#shared/app/ports/log.ts';
import type { QueueDepths } from '#shared/app/ports/queue-depths.ts';
import type { SendQuota } from '#shared/app/ports/sending-account.ts';

export interface MonitorPorts {
  /** Names of the queues whose messages wait for people. */
  readonly queues: readonly string[];
  readonly depths: QueueDepths;
  readonly sendQuota: () => Promise<SendQuota>;
  readonly count: (name: string, value: number) => void;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/**
 * Counts the messages that wait for people, by queue, and logs how full the quotas of SES are. The
 * counter is not counted where there is none, since it costs by the hour.
 *
 * @throws what a port throws, after everything that could be read was
 */
export async function inspect({ queues, depths, sendQuota, count, log }: MonitorPorts) {
  const [read, quota] = await Promise.allSettled([
    Promise.all(queues.map(async (queue) => ({ queue, messages: await depths.of(queue) }))),
    sendQuota(),
  ]);
  if (read.status === 'fulfilled') {
    const waiting = read.value.filter(({ messages }) => messages > 0);
    const sum = waiting.reduce((total, { messages }) => total + messages, 0);
    if (sum > 0) {
      count('DeadLetters', sum);
      log.error('messages wait for people', { queues: waiting });
    }
  }
  if (quota.status === 'fulfilled') {
    const { perSecond, perDay, sentLastDay } = quota.value;
    const dayFull = perDay > 0 ? Math.round((sentLastDay / perDay) * 100) : undefined;
    log.info('the quotas of SES', { perSecond, perDay, sentLastDay, dayFull });
  }
  const failed = [read, quota].find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
