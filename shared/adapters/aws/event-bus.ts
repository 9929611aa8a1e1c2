import {
  EventBridgeClient,
  PutEventsCommand,
  type EventBridgeClientConfig,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { Throttled } from '#shared/core/model/errors.ts';
import type { EventBus, OperatorEvents } from '#shared/app/ports/event-bus.ts';
import { inBatches, type LeftOver } from './batches.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The `source` of this service's events. */
export const EVENT_SOURCE = 'sender-domains';
/** The `source` of events for the operator, which no rule of the service takes to tenants. */
const OPERATOR_SOURCE = 'sender-domains.operator';

export function eventBridgeClient(config: EventBridgeClientConfig = {}): EventBridgeClient {
  return new EventBridgeClient({
    requestHandler: requestTimeouts(),
    ...config,
  });
}

const ENTRIES_PER_CALL = 10;

/** An EventBridge bus, by its name or ARN; the event itself is the `detail`, its type the `detail-type`. */
export const eventBridgeBus = (client: EventBridgeClient, bus: string): EventBus =>
  busOf(client, bus, EVENT_SOURCE);

/** The same bus, for events that tenants do not see. */
export const eventBridgeOperatorEvents = (client: EventBridgeClient, bus: string): OperatorEvents =>
  busOf(client, bus, OPERATOR_SOURCE);

const busOf = (client: EventBridgeClient, bus: string, source: string) => ({
  async put(events: readonly { readonly type: string; readonly at: string }[]): Promise<void> {
    const entries = events.map((event): PutEventsRequestEntry => ({
      EventBusName: bus,
      Source: source,
      DetailType: event.type,
      Time: new Date(event.at),
      Detail: JSON.stringify(event),
    }));
    await inBatches(entries, ENTRIES_PER_CALL, (part) => putSome(client, part));
  },
});

/** A call may take some entries and refuse others. */
async function putSome(
  client: EventBridgeClient,
  part: readonly PutEventsRequestEntry[],
): Promise<LeftOver<PutEventsRequestEntry> | undefined> {
  const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: [...part] }));
  const entries = part.filter((_, index) => results[index]?.ErrorCode !== undefined);
  if (entries.length === 0) return undefined;
  const { ErrorCode: code, ErrorMessage: message } = results.find((one) => one.ErrorCode) ?? {};
  const error =
    code === 'ThrottlingException'
      ? new Throttled('EventBridge')
      : new Error(`EventBridge refused ${entries.length} events: ${code}: ${message}`);
  return { entries, error };
}
