import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

/** Waits until functions and what these queues hold are done, but for what has to wait. */
export async function quiet({ local }: Service, queues: readonly string[]): Promise<void> {
  const isBusy = (queue: string): boolean => {
    const { visible, inFlight } = local.queues.inspect(`sender-domains-${queue}`)!;
    return visible.length + inFlight.length > 0;
  };
  while (queues.some(isBusy) || local.goesOnAt() <= Date.now()) await sleep(5);
}
