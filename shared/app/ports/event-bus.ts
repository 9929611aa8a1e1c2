import type { ServiceEvent } from '#shared/core/model/event.ts';

/** Where what happens is told; consumers may see an event more than once. */
export interface EventBus {
  /**
   * Tells all of them, or throws; what was told before may then be told twice.
   *
   * @throws Throttled
   */
  put(events: readonly ServiceEvent[]): Promise<void>;
}
