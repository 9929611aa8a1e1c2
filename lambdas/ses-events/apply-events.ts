import { retry, retryLimits } from '#shared/async/retry.ts';
import { applyEvents, type RecipientEvent } from '#shared/core/model/recipient-batch.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { messageEvents, type ServiceEvent } from '#shared/core/model/event.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import { decodeSesEvent, type SesEvent } from './decode.ts';

export interface SesEventsPorts {
  readonly messages: Pick<MessageStore, 'recipientBatch' | 'moveRecipientBatch'>;
  readonly bus: EventBus;
  readonly log: {
    warn(message: string, details: Record<string, unknown>): void;
    error(message: string, details: Record<string, unknown>): void;
  };
}

/** The result of a batch. */
export interface EventsResult {
  /** The bodies, by index, that must be delivered again. */
  readonly failed: readonly number[];
  /** Events of messages that are not there (any more), or not ours. */
  readonly unmatched: number;
}

/** Events of one recipient batch, applied in one write. */
interface Group extends Omit<SesEvent, 'event'> {
  readonly indexes: number[];
  readonly events: RecipientEvent[];
}

/**
 * Moves recipients and recipient batches by what SES says of them. Events come in any order, more than once,
 * and for any attempt of a recipient batch; what they say is only ever added.
 *
 * @param bodies SES events as JSON
 */
export async function applySesEvents(
  ports: SesEventsPorts,
  bodies: readonly string[],
): Promise<EventsResult> {
  const failed = new Set<number>();
  const groups = new Map<string, Group>();
  let unmatched = 0;
  for (const [index, body] of bodies.entries()) {
    try {
      const decoded = decodeSesEvent(body);
      if ('foreign' in decoded) {
        unmatched += 1;
        ports.log.warn('an SES event was dropped', { reason: decoded.foreign });
      } else addTo(groups, index, decoded);
    } catch (error) {
      ports.log.error('an SES event cannot be read', { error });
      failed.add(index);
    }
  }
  for (const group of groups.values()) {
    try {
      if (await applyGroup(ports.messages, group)) {
        await ports.bus.put(eventsOf(group));
        continue;
      }
      unmatched += group.indexes.length;
      ports.log.warn('SES events were dropped: no such message', names(group));
    } catch (error) {
      ports.log.error('SES events cannot be applied', { ...names(group), error });
      for (const index of group.indexes) failed.add(index);
    }
  }
  return { failed: [...failed], unmatched };
}

/**
 * Published even if the status did not change: an event that failed to be published comes again,
 * and a published one has the same id.
 */
const eventsOf = ({ events, ...message }: Group): ServiceEvent[] =>
  events.flatMap((event) => messageEvents(message, event));

const names = ({ tenant, id, recipientBatch }: Group) => ({
  tenant,
  messageId: id,
  recipientBatch,
});

function addTo(groups: Map<string, Group>, index: number, decoded: readonly SesEvent[]): void {
  for (const { tenant, id, recipientBatch, event } of decoded) {
    const key = `${tenant} ${id} ${recipientBatch}`;
    const group = groups.get(key) ?? { tenant, id, recipientBatch, indexes: [], events: [] };
    groups.set(key, group);
    if (group.indexes.at(-1) !== index) group.indexes.push(index);
    group.events.push(event);
  }
}

/**
 * @returns false where there is no such recipient batch
 * @throws Conflict where others wrote it each time
 */
async function applyGroup(
  messages: SesEventsPorts['messages'],
  { tenant, id, recipientBatch: index, events }: Group,
): Promise<boolean> {
  return retry(retryLimits.hotItem, async () => {
    const recipientBatch = await messages.recipientBatch(tenant, id, index);
    if (recipientBatch === undefined) return false;
    const next = applyEvents(recipientBatch, events);
    if (next === recipientBatch || (await messages.moveRecipientBatch(tenant, id, next)))
      return true;
    throw new Conflict(`chunk ${index} of message ${id}`);
  });
}
