import { BudgetExceeded, Refusal } from '#shared/core/model/errors.ts';
import { testEvent } from '#shared/core/model/event.ts';
import {
  ownedBy,
  toOwner,
  type DeliveryRecord,
  type Webhook,
} from '#shared/app/ports/webhook-store.ts';
import type { DeliveryState } from '#shared/core/model/delivery.ts';
import { encodeRandom128 } from '#shared/core/model/names.ts';
import { later } from '#shared/core/time.ts';
import type { SettingsPorts } from './ports.ts';

/** Deliveries of one request, at most. */
export const MOST_REPLAYED = 1_000;
/** Read at a time. */
const PAGE = 200;
/** Read for one request, so that it ends in time. */
const MOST_PAGES = 50;

/**
 * Sends a test to an endpoint, once, also to one that is switched off.
 *
 * @returns the delivery, which the log shows from now on
 * @throws BudgetExceeded `webhook-replays-hour`
 */
export async function sendTest(
  webhook: Webhook,
  { webhooks, queue, budgets, clock, random }: SettingsPorts,
): Promise<DeliveryRecord> {
  await budgets.take(webhook.tenant, 'webhook-replays', 1);
  const event = testEvent(webhook, random.bytes(16), clock.now().toISOString());
  const record = await webhooks.begin(webhook.id, event);
  await queue.send([{ webhook: webhook.id, event, ...ownedBy(webhook) }], toOwner);
  return record;
}

/** The deliveries to be sent again: one, or those of a time that have these states. */
export type Replay =
  | { readonly delivery: { readonly id: string; readonly at: string } }
  | {
      readonly from: string;
      readonly to?: string | undefined;
      readonly states: readonly Exclude<DeliveryState, 'pending'>[];
      readonly cursor?: string | undefined;
    };

export interface Replayed {
  readonly replayed: number;
  /** For the rest of them, where there are more than one request or the budget allows. */
  readonly cursor: string | null;
}

/**
 * Sends deliveries again, the oldest first. Only messages are queued here: a delivery begins again
 * when its message is handled, so that a request that ends in between is sent again without loss.
 *
 * @throws Refusal `webhook-off`, `not-found`, `invalid-cursor`; `invalid-body` where no event can be of the time
 * @throws BudgetExceeded `webhook-replays-hour`
 */
export async function replay(
  webhook: Webhook,
  wanted: Replay,
  ports: SettingsPorts,
): Promise<Replayed> {
  if (webhook.off !== undefined) {
    throw new Refusal(
      'webhook-off',
      'The webhook is switched off; switch it on (PATCH {"active": true}) before anything is sent again.',
    );
  }
  const id = `rp_${encodeRandom128(ports.random.bytes(16))}`;
  if ('delivery' in wanted) {
    const record = await ports.webhooks.delivery(webhook.id, wanted.delivery);
    if (record === undefined) {
      throw new Refusal(
        'not-found',
        'There is no such delivery; give "id" and "at" as the list of deliveries has them.',
      );
    }
    await sendAgain(webhook, [record], id, ports);
    return { replayed: 1, cursor: null };
  }
  return replayRange(webhook, wanted, id, ports);
}

async function replayRange(
  webhook: Webhook,
  { from, to, states, cursor: start }: Exclude<Replay, { delivery: object }>,
  id: string,
  ports: SettingsPorts,
): Promise<Replayed> {
  const range = rangeOf(from, to, ports.clock.now());
  let cursor = start;
  let replayed = 0;
  for (let pages = 0; pages < MOST_PAGES && replayed < MOST_REPLAYED; pages += 1) {
    const limit = Math.min(PAGE, MOST_REPLAYED - replayed);
    const page = await ports.webhooks.deliveriesBetween(webhook.id, range, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const ended = page.deliveries.filter(({ state }) =>
      (states as readonly DeliveryState[]).includes(state),
    );
    try {
      await sendAgain(webhook, ended, id, ports);
    } catch (error) {
      if (!(error instanceof BudgetExceeded) || replayed === 0) throw error;
      break;
    }
    replayed += ended.length;
    ({ cursor } = page);
    if (cursor === undefined) break;
  }
  return { replayed, cursor: cursor ?? null };
}

/** @throws Refusal `invalid-body` */
function rangeOf(from: string, to: string | undefined, now: Date): { from: string; to: string } {
  // Events have milliseconds, by which the log is sorted. What happens from now on is not sent again.
  const range = {
    from: new Date(from).toISOString(),
    to: to === undefined ? later(now, 1) : new Date(to).toISOString(),
  };
  if (range.from < range.to) return range;
  throw new Refusal(
    'invalid-body',
    `"from" (${from}) must be before "to" (${to ?? 'now'}): no event is of that time.`,
  );
}

async function sendAgain(
  owned: Webhook,
  deliveries: readonly DeliveryRecord[],
  replayId: string,
  { queue, budgets }: SettingsPorts,
): Promise<void> {
  if (deliveries.length === 0) return;
  const { id: webhook, tenant } = owned;
  await budgets.take(tenant, 'webhook-replays', deliveries.length);
  await queue.send(
    deliveries.map(({ event }) => ({ webhook, event, replay: replayId, ...ownedBy(owned) })),
    toOwner,
  );
}
