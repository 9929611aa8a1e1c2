import { byTenant } from '#shared/app/ports/queues.ts';
import { carriedMailRequest } from '#shared/app/sending/carried-mail.ts';
import type { Again } from './again.ts';
import type { MailKeeper } from './mail-keeper.ts';
import type { OutboundMessage, OutboundWork, SignerPorts } from './ports.ts';

/** SQS's longest delay. */
const MAX_DELAY_SECONDS = 900;
/** 2^9 s are the longest back-off beside what SES asks for. */
const MAX_DOUBLINGS = 9;

/** One message, asked for by one or more works of the batch (SQS delivers at least once). */
export interface Item {
  readonly work: OutboundWork;
  readonly indexes: readonly number[];
}

/** A message that comes again after a delay. */
export interface Deferred {
  readonly item: Item;
  readonly work: OutboundWork;
  readonly delaySeconds: number;
}

/** Returns what a message comes again as, and when. */
export function deferral({ clock, jitter }: SignerPorts, item: Item, again: Again): Deferred {
  const { place, ...rest } = item.work;
  const kept = again.place ?? place;
  const work = kept === undefined ? rest : { ...rest, place: kept };
  if (again.kind === 'at') {
    const seconds = (again.at.getTime() - clock.now().getTime()) / 1000;
    return { item, work, delaySeconds: delay(seconds) };
  }
  const waits = (work.waits ?? 0) + 1;
  const spread = 2 ** Math.min(waits, MAX_DOUBLINGS);
  const delaySeconds = delay(again.atLeastSeconds + jitter() * spread);
  return { item, work: { ...work, waits }, delaySeconds };
}

const delay = (seconds: number) => Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(seconds)));

interface Requeue {
  readonly ports: Pick<SignerPorts, 'outbound' | 'log'>;
  readonly keeper: MailKeeper;
}

/** @returns the indexes of the works that could not be queued, and must be handed back */
export async function queueAgain(
  batch: Requeue,
  deferred: readonly Deferred[],
): Promise<readonly number[]> {
  const { outbound, log } = batch.ports;
  const failed: number[] = [];
  const byDelay = Object.groupBy(deferred, ({ delaySeconds }) => delaySeconds);
  const sends = Object.values(byDelay).map(async (group = []) => {
    const [{ delaySeconds }] = group as [Deferred];
    try {
      const messages = await Promise.all(group.map(({ work }) => messageOf(batch, work)));
      await outbound.send(messages, { ...byTenant, delaySeconds });
    } catch (error) {
      log.error('messages cannot be queued again', { count: group.length, error });
      failed.push(...group.flatMap(({ item }) => item.indexes));
    }
  });
  await Promise.all(sends);
  return failed;
}

/**
 * A mail that waits is stored, and its message names it. Where that fails, or where the mail could not
 * be noted, its message carries it on.
 */
async function messageOf({ keeper }: Requeue, work: OutboundWork): Promise<OutboundMessage> {
  const { tenant, id, carried, isRedelivered: _, ...waited } = work;
  if (carried === undefined || (await keeper.isFoundById(carried)))
    return { tenant, id, ...waited };
  const request = carriedMailRequest(carried);
  if (request === undefined) throw new Error(`message ${id} is too large to be carried on`);
  return { ...request, ...waited };
}
