import { retry, retryLimits } from '#shared/async/retry.ts';
import { applyEvents, type RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { messageEvents, type ServiceEvent } from '#shared/core/model/event.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import { suppressedAddress } from '#shared/core/model/suppression.ts';
import { decodeSesEvent, type SesEvent } from './decode.ts';
import {
  countOutcomes,
  outcomesBetween,
  type Outcome,
  type ReputationPorts,
} from './reputation.ts';
import { isSimulated } from './simulator.ts';

export interface SesEventsPorts extends ReputationPorts {
  readonly messages: Pick<MessageStore, 'recipientBatch' | 'moveRecipientBatch'>;
  readonly suppressions: Pick<SuppressionStore, 'add'>;
  readonly clock: Clock;
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
  readonly events: SesEvent['event'][];
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
  const outcomes: Outcome[] = [];
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
      const moved = await applyGroup(ports.messages, group);
      if (moved !== undefined) {
        logEvents(ports.log, group);
        outcomes.push(outcomeOf(group, moved));
        await suppress(ports.suppressions, group);
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
  await countOutcomes(ports, outcomes, ports.clock.now().toISOString());
  return { failed: [...failed], unmatched };
}

/**
 * Published even if the status did not change: an event that failed to be published comes again,
 * and a published one has the same id.
 */
const eventsOf = ({ events, ...message }: Group): ServiceEvent[] =>
  events.flatMap((event) => messageEvents(message, event));

/** One line for each event: addresses are not logged. */
function logEvents(log: SesEventsPorts['log'], group: Group): void {
  for (const { state, exitId, attempt, addresses } of group.events) {
    const details = { state, exitId, attempt, recipients: addresses.length };
    log.info('the exit reported of a mail', { ...names(group), ...details });
  }
}

/**
 * Puts the recipients who are not to get mail of the tenant again on its suppression list. Done even
 * if the status did not change, as events are published.
 */
async function suppress(
  suppressions: SesEventsPorts['suppressions'],
  { tenant, id, events }: Group,
): Promise<void> {
  for (const { suppresses: reason, addresses, at, detail } of events) {
    if (reason === undefined) continue;
    for (const address of addresses) {
      if (isSimulated(address)) continue;
      await suppressions.add({
        tenant,
        address: suppressedAddress(address),
        reason,
        addedAt: at,
        message: id,
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }
}

const names = ({ tenant, id, recipientBatch }: Group) => ({
  tenant,
  messageId: id,
  recipientBatch,
});

function addTo(groups: Map<string, Group>, index: number, decoded: readonly SesEvent[]): void {
  for (const { event, ...target } of decoded) {
    const key = `${target.tenant} ${target.id} ${target.recipientBatch}`;
    const group = groups.get(key) ?? { ...target, indexes: [], events: [] };
    groups.set(key, group);
    if (group.indexes.at(-1) !== index) group.indexes.push(index);
    group.events.push(event);
  }
}

/** A recipient batch before and after events; the same object where they changed nothing. */
interface Moved {
  readonly before: RecipientBatch;
  readonly after: RecipientBatch;
}

function outcomeOf({ tenant, domain, events }: Group, { before, after }: Moved): Outcome {
  const hard = events
    .filter(({ suppresses }) => suppresses === 'bounce')
    .flatMap(({ addresses }) => addresses.map((address) => address.toLowerCase()));
  return { tenant, domain, counts: outcomesBetween(before, after, new Set(hard)) };
}

/**
 * Reads the recipient batch as it was a moment ago first, which costs half: events only ever add, so
 * that one which changed nothing then changes nothing now, and a write of an old revision is refused.
 *
 * @returns undefined where there is no such recipient batch
 * @throws Conflict where others wrote it each time
 */
async function applyGroup(
  messages: SesEventsPorts['messages'],
  { tenant, id, recipientBatch: index, events }: Group,
): Promise<Moved | undefined> {
  let age: 'recent' | 'latest' = 'recent';
  return retry(retryLimits.hotItem, async () => {
    const before =
      (await messages.recipientBatch(tenant, id, index, age)) ??
      (await messages.recipientBatch(tenant, id, index));
    age = 'latest';
    if (before === undefined) return undefined;
    const after = applyEvents(before, events);
    if (after === before || (await messages.moveRecipientBatch(tenant, id, after)))
      return { before, after };
    throw new Conflict(`chunk ${index} of message ${id}`);
  });
}
