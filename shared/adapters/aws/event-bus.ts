import {
  EventBridgeClient,
  PutEventsCommand,
  type EventBridgeClientConfig,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { Throttled } from '#shared/core/model/errors.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';

/** What events of this service say in `source`. */
export const EVENT_SOURCE = 'sender-domains';

export function eventBridgeClient(config: EventBridgeClientConfig = {}): EventBridgeClient {
  return new EventBridgeClient({
    // A connection that hangs must not use up the function's time: the SDK tries again.
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}

const ENTRIES_PER_CALL = 10;
const TRIES = 4;

/** An EventBridge bus, by its name or ARN; the event itself is the `detail`, its type the `detail-type`. */
export function eventBridgeBus(client: EventBridgeClient, bus: string): EventBus {
  return {
    async put(events) {
      const entries = events.map((event) => ({
        EventBusName: bus,
        Source: EVENT_SOURCE,
        DetailType: event.type,
        Time: new Date(event.at),
        Detail: JSON.stringify(event),
      }));
      for (let start = 0; start < entries.length; start += ENTRIES_PER_CALL) {
        await putAll(client, entries.slice(start, start + ENTRIES_PER_CALL));
      }
    },
  };
}

/** A call may take some entries and refuse others; those are sent again. */
async function putAll(client: EventBridgeClient, entries: PutEventsRequestEntry[]): Promise<void> {
  let pending = entries;
  for (let attempt = 1; ; attempt += 1) {
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: pending }));
    const refused = pending.filter((_, index) => results[index]?.ErrorCode !== undefined);
    if (refused.length === 0) return;
    const { ErrorCode: code, ErrorMessage: message } = results.find((one) => one.ErrorCode) ?? {};
    if (attempt === TRIES) {
      if (code === 'ThrottlingException') throw new Throttled('EventBridge');
      throw new Error(`EventBridge refused ${refused.length} events: ${code}: ${message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt * Math.random()));
    pending = refused;
  }
}
