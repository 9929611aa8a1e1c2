import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { OperatorEvent } from '#shared/core/model/operator-event.ts';

/** The bus of domains' events; consumers may see an event more than once. */
export interface EventBus {
  /**
   * Publishes all events, or throws; events published before may then come twice.
   *
   * @throws Throttled
   */
  put(events: readonly ServiceEvent[]): Promise<void>;
}

/** The same bus, for events that only the operator sees. */
export interface OperatorEvents {
  /** @throws Throttled */
  put(events: readonly OperatorEvent[]): Promise<void>;
}
