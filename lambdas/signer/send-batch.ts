import { nextStep } from '#shared/core/model/recipient-batch.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { apart } from '#shared/app/stored-items.ts';
import { signingPermissions, type SigningPermission } from './signing-permission.ts';
import { type Again, type Batch, deliver, publishEnds } from './deliver.ts';
import { limiter } from '#shared/async/limit.ts';
import type { OutboundWork, SignerPorts, SignerSettings } from './ports.ts';
import { UnusableKey } from './unusable-key.ts';

/** SQS's longest delay. */
const MAX_DELAY_SECONDS = 900;
/** 2^9 s are the longest back-off beside what SES asks for. */
const MAX_DOUBLINGS = 9;

/**
 * Messages under way at once: what they hold (the mail, its signed copy, and the SDK's base64 of it)
 * is about 4 times their size.
 */
const LIMITS = { tasks: 10, weight: 16 * 1024 * 1024 };

/** The result of a batch. */
export interface BatchResult {
  /** The works, by index, that must be delivered again as they are. */
  readonly failed: readonly number[];
  readonly counts: ReadonlyMap<string, number>;
}

/** One message, asked for by one or more works of the batch (SQS delivers at least once). */
interface Item {
  readonly work: OutboundWork;
  readonly indexes: readonly number[];
}

type OpenItem = Item & { readonly stored: StoredMessage };

/**
 * Signs and sends a batch of submitted mails. Mails that must wait (throttles, outages, an unclear
 * recipient batch, another's lease) are queued again with a delay, so that waiting uses up no
 * receives. Only mails that cannot be queued, and faults that waiting does not repair, are handed
 * back.
 *
 * @param deadline no SES call begins after it
 */
export async function sendBatch(
  ports: SignerPorts,
  settings: SignerSettings,
  works: readonly OutboundWork[],
  deadline: Date,
): Promise<BatchResult> {
  const counts = new Map<string, number>();
  const failed: number[] = [];
  const batch: Batch = {
    ports,
    settings,
    deadline,
    throttled: undefined,
    count: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
  };
  const attempt = async (item: Item, step: () => Promise<Again | undefined>): Promise<void> => {
    try {
      const again = await step();
      if (again !== undefined) await queueAgain(ports, item.work, again);
    } catch (error) {
      if (!(await defer(ports, item.work, error))) failed.push(...item.indexes);
    }
  };

  const open: OpenItem[] = [];
  const limited = limiter(LIMITS);
  const read = (item: Item) =>
    attempt(item, async () => {
      const stored = await ports.messages.get(item.work.tenant, item.work.id);
      if (stored === undefined) ports.log.warn('a queued message is gone', { ...item.work });
      else if (!isEnded(stored, ports, settings)) open.push({ ...item, stored });
      else await publishEnds(ports, stored.message, stored.recipientBatches);
      return undefined;
    });
  await Promise.all(distinct(works).map((item) => limited(() => read(item))));
  if (open.length === 0) return { failed, counts };

  const decided = signingPermissionOfEach(ports, settings, open);
  const send = (item: OpenItem, index: number) =>
    attempt(item, async () => {
      const sendPermission = (await decided)[index]!;
      if (sendPermission instanceof StoredItemError) throw sendPermission;
      return deliver(batch, item.stored, sendPermission);
    });
  await Promise.all(
    open.map((item, index) => limited(() => send(item, index), item.stored.message.size)),
  );
  await Promise.all([ports.postSendVerification.settle(), ports.keyConfirmation.settle()]);
  return { failed, counts };
}

/** Messages that SQS delivers again mostly have nothing left to do. */
const isEnded = (
  { recipientBatches }: StoredMessage,
  { clock }: SignerPorts,
  settings: SignerSettings,
) =>
  recipientBatches.every(
    (recipientBatch) => nextStep(recipientBatch, clock.now(), settings).kind === 'none',
  );

function distinct(works: readonly OutboundWork[]): Item[] {
  const items = new Map<string, { work: OutboundWork; indexes: number[] }>();
  for (const [index, work] of works.entries()) {
    const key = `${work.tenant} ${work.id}`;
    const item = items.get(key);
    if (item === undefined) items.set(key, { work, indexes: [index] });
    else item.indexes.push(index);
  }
  return [...items.values()];
}

/** A message whose claim is malformed has the error instead. */
function signingPermissionOfEach(
  ports: SignerPorts,
  settings: SignerSettings,
  open: readonly OpenItem[],
): Promise<(SigningPermission | StoredItemError)[]> {
  const decided = decide(ports, settings, open);
  // Each message awaits it and answers for it.
  decided.catch(() => {});
  return decided;
}

async function decide(
  ports: SignerPorts,
  settings: SignerSettings,
  open: readonly OpenItem[],
): Promise<(SigningPermission | StoredItemError)[]> {
  const decided = new Map<OpenItem, SigningPermission | StoredItemError>();
  const malformed = await apart(open, async (some) => {
    const messages = some.map(({ stored }) => stored.message);
    const found = await signingPermissions(ports, settings, messages);
    for (const [index, item] of some.entries()) decided.set(item, found[index]!);
  });
  for (const [item, error] of malformed) decided.set(item, error);
  return open.map((item) => decided.get(item)!);
}

async function queueAgain(
  { outbound, clock, jitter }: SignerPorts,
  work: OutboundWork,
  again: Again,
): Promise<void> {
  const waits = work.waits ?? 0;
  if (again.kind === 'back-off') {
    const spread = 2 ** Math.min(waits + 1, MAX_DOUBLINGS);
    const delaySeconds = delay(again.atLeastSeconds + jitter() * spread);
    return outbound.send([{ ...work, waits: waits + 1 }], { delaySeconds });
  }
  const seconds = (again.at.getTime() - clock.now().getTime()) / 1000;
  return outbound.send([work], { delaySeconds: delay(seconds) });
}

const delay = (seconds: number) => Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(seconds)));

/** @returns false where the work must be handed back */
async function defer(ports: SignerPorts, work: OutboundWork, error: unknown): Promise<boolean> {
  const names = { tenant: work.tenant, messageId: work.id, error };
  const isUnusable = error instanceof UnusableKey;
  if (!isUnusable && !ports.isOutage(error)) {
    ports.log.error('a message cannot be processed', names);
    return false;
  }
  if (isUnusable) ports.log.error('mail waits for another key', names);
  else ports.log.warn('a message waits for a service that is out', names);
  try {
    if (isUnusable) await ports.askForAnotherKey(error);
    await queueAgain(ports, work, { kind: 'back-off', atLeastSeconds: isUnusable ? 30 : 1 });
    return true;
  } catch (queueError) {
    ports.log.error('a message cannot be queued again', { ...names, error: queueError });
    return false;
  }
}
