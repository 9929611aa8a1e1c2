import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';

/** A bus in memory. */
export class MemoryEventBus implements EventBus {
  readonly events: ServiceEvent[] = [];
  /** Errors that the next calls fail with, one each. */
  readonly failing: Error[] = [];

  async put(events: readonly ServiceEvent[]): Promise<void> {
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
    this.events.push(...structuredClone(events));
  }
}
