import type { Clock } from '#shared/app/ports/clock.ts';
import type { MessageStore, StoredMessage } from '#shared/app/ports/message-store.ts';
import {
  ENTRY_DAYS,
  FIRST_CHECK_MS,
  minuteOf,
  minutesBetween,
  type Outbox,
  type OutboxEntry,
} from '#shared/app/ports/outbox.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { byTenant, type OutboundRequest, type Queue } from '#shared/app/ports/queues.ts';
import { reportMalformed } from '#shared/app/stored-items.ts';
import { mapLimited } from '#shared/async/limit.ts';
import { pages } from '#shared/async/page.ts';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { hasEnded } from '#shared/core/model/recipient-batch.ts';
import { activeState, mailVerdict, type TenantState } from '#shared/core/model/tenant-state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

export interface OutboxPorts {
  readonly outbox: Outbox;
  readonly messages: Pick<MessageStore, 'get'>;
  readonly tenants: Pick<TenantStore, 'stateOf'>;
  readonly outbound: Queue<OutboundRequest>;
  readonly clock: Clock;
}

export interface OutboxResult {
  readonly checked: number;
  readonly queued: number;
  /** True if minutes are left that should have been checked long ago. */
  readonly isBehind: boolean;
}

/** Reads at once. */
const READS = 20;
const BEHIND_MS = 10 * MINUTE_MS;

/**
 * Checks the mails of each minute that is due, up to now or the deadline, an hour's at a time: queues
 * those that no signer has seen, and daily all that have not ended, since the message of a mail may be
 * lost. What is queued twice is sent once. May be interrupted at any time, and done again.
 *
 * @param deadline epoch milliseconds
 */
export async function checkOutbox(ports: OutboxPorts, deadline: number): Promise<OutboxResult> {
  const { outbox, clock } = ports;
  // A minute is complete once it is over.
  const last = minuteOf(clock.now()).getTime() - MINUTE_MS;
  const noted = (await outbox.doneUntil())?.getTime() ?? last - FIRST_CHECK_MS;
  // What was to be checked before that has expired.
  const begin = Math.max(noted, last - ENTRY_DAYS * DAY_MS);
  let done = begin;
  let isNoted = true;
  let checked = 0;
  let queued = 0;
  for (const minutes of minutesBetween(new Date(begin + MINUTE_MS), new Date(last))) {
    if (clock.now().getTime() >= deadline) break;
    const before = checked;
    for await (const { entries } of pages(({ cursor }) => outbox.entries(minutes, cursor))) {
      checked += entries.length;
      queued += await checkEntries(ports, entries);
    }
    done = minutes.last.getTime();
    // Hours in which there was nothing are quickly read again.
    isNoted = checked > before;
    if (isNoted) await outbox.noteDone(minutes.last);
  }
  if (!isNoted) await outbox.noteDone(new Date(done));
  return { checked, queued, isBehind: last - done > BEHIND_MS };
}

/** @returns the number of mails that were queued */
async function checkEntries(
  { outbox, messages, tenants, outbound, clock }: OutboxPorts,
  entries: readonly OutboxEntry[],
): Promise<number> {
  const now = clock.now();
  const found = await mapLimited(entries, { tasks: READS }, async ({ tenant, id }) => {
    const entry = { tenant, id };
    try {
      const stored = await messages.get(tenant, id);
      const isOfSuspension = stored?.message.held?.code === 'account-suspended';
      const state = isOfSuspension ? await tenants.stateOf(tenant) : undefined;
      return { entry, step: stepOf(stored, state, now) };
    } catch (error) {
      if (!(error instanceof StoredItemError)) throw error;
      // It is checked again once somebody has repaired it, and holds up no other until then.
      reportMalformed(error);
      return { entry, step: 'wait' as const };
    }
  });
  const lost = found.filter(({ step }) => step === 'queue').map(({ entry }) => entry);
  if (lost.length > 0) await outbound.send(lost, byTenant);
  const open = found.filter(({ step }) => step !== 'none').map(({ entry }) => entry);
  await mapLimited(open, { tasks: READS }, (entry) =>
    outbox.enter(entry, new Date(now.getTime() + DAY_MS)),
  );
  return lost.length;
}

/**
 * - `none`: it has ended, or was never stored.
 * - `queue`: no signer has seen it, or it has been open for long.
 * - `wait`: it is on its way, or a suspension holds it. Its end queues what it held; where that was
 *   interrupted, and not done again, the mail is queued here.
 *
 * @param state of the tenant, for a mail that a suspension holds; absent: active
 */
function stepOf(
  stored: StoredMessage | undefined,
  state: TenantState | undefined,
  now: Date,
): 'none' | 'queue' | 'wait' {
  if (stored === undefined || stored.recipientBatches.every(hasEnded)) return 'none';
  const { held, place, signed, createdAt } = stored.message;
  if (held?.code === 'account-suspended') {
    return mailVerdict(state ?? activeState, held).kind === 'hold' ? 'wait' : 'queue';
  }
  const isSeen = held !== undefined || place !== undefined || signed !== undefined;
  const isNew = now.getTime() - Date.parse(createdAt) < HOUR_MS;
  return isSeen && isNew ? 'wait' : 'queue';
}
