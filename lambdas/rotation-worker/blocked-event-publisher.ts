import {
  rotationBlockedEvent,
  preparedEvent,
  signingHeldEvent,
  type ServiceEvent,
} from '#shared/core/model/event.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import { logger } from '#shared/runtime/log.ts';
import type { WorkerPorts } from './ports.ts';
import { workAll } from './work.ts';

/** Works as `workAll` does, and at the end publishes what customers are to know. */
export async function workAndPublish(
  { bus, ...ports }: WorkerPorts & { readonly bus: EventBus },
  bodies: readonly string[],
  deadline: number,
): Promise<readonly number[]> {
  const eventPublisher = blockedEventPublisher(bus, ports.log);
  const failed = await workAll({ ...ports, log: eventPublisher.log }, bodies, deadline);
  await eventPublisher.publish();
  return failed;
}

/**
 * Publishes events of rotations that are blocked or wait for the customer, all of a call at its
 * end. The next day's try repeats failed ones, as the same event.
 */
export function blockedEventPublisher(
  bus: EventBus,
  log: WorkerPorts['log'],
): { log: WorkerPorts['log']; publish: () => Promise<void> } {
  const events: ServiceEvent[] = [];
  return {
    log(event) {
      log(event);
      if (event.kind === 'held-back') events.push(rotationBlockedEvent(event, event));
      if (event.kind === 'unpublished') events.push(signingHeldEvent(event, event));
      if (event.kind === 'awaits-customer') {
        const prepared = event.records.map((record) => preparedEvent(event, record));
        events.push(...(prepared.length > 0 ? prepared : [rotationBlockedEvent(event, event)]));
      }
    },
    async publish() {
      try {
        if (events.length > 0) await bus.put(events.splice(0));
      } catch (error) {
        logger.error('events of blocked rotations could not be published', error as Error);
      }
    },
  };
}
