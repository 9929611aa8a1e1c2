import { nextStep } from '#shared/core/model/recipient-batch.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { apart } from '#shared/app/stored-items.ts';
import { signingPermissions, type SigningPermission } from './signing-permission.ts';
import type { Again } from './again.ts';
import { deliver } from './deliver.ts';
import type { Batch } from './delivery.ts';
import { limiter } from '#shared/async/limit.ts';
import { MailKeeper } from './mail-keeper.ts';
import type { OutboundWork, SignerPorts, SignerSettings } from './ports.ts';
import { publishEnds } from './publish-ends.ts';
import { deferral, queueAgain, type Deferred, type Item } from './queue-again.ts';
import { storedMessage } from './stored-message.ts';
import { UnusableKey } from './unusable-key.ts';

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
  /** Age of the oldest mail that was sent, or waits for its turn or for a service; 0 where none did. */
  readonly oldestSeconds: number;
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
    keeper: new MailKeeper(ports),
    oldestSeconds: 0,
    count: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
  };
  const deferred: Deferred[] = [];
  const attempt = async (item: Item, step: () => Promise<Again | undefined>): Promise<void> => {
    try {
      const again = await step();
      if (again !== undefined) deferred.push(deferral(ports, item, again));
    } catch (error) {
      const again = await againAfter(ports, item.work, error);
      if (again === undefined) {
        await batch.keeper.isKept(item.work.carried);
        failed.push(...item.indexes);
      } else deferred.push(deferral(ports, item, again));
    }
  };

  const open: OpenItem[] = [];
  const limited = limiter(LIMITS);
  const read = (item: Item) =>
    attempt(item, async () => {
      const stored = await storedMessage(ports, item.work);
      if (stored === undefined) return undefined;
      batch.keeper.noted(item.work.carried);
      if (isEnded(stored, ports, settings)) {
        await publishEnds(ports, stored.message, stored.recipientBatches);
        return undefined;
      }
      // What is received again and again becomes a dead letter, which is not kept for ever.
      if (item.work.isRedelivered === true) await batch.keeper.isKept(item.work.carried);
      open.push({ ...item, stored });
      return undefined;
    });
  await Promise.all(distinct(works).map((item) => limited(() => read(item))));
  const decided = signingPermissionOfEach(ports, settings, open);
  const send = (item: OpenItem, index: number) =>
    attempt(item, async () => {
      const sendPermission = (await decided)[index]!;
      if (sendPermission instanceof StoredItemError) throw sendPermission;
      return deliver(batch, item.stored, sendPermission, item.work);
    });
  await Promise.all(
    open.map((item, index) => limited(() => send(item, index), item.stored.message.size)),
  );
  await Promise.all([ports.postSendVerification.settle(), ports.keyConfirmation.settle()]);
  failed.push(...(await queueAgain(batch, deferred)));
  return { failed, counts, oldestSeconds: batch.oldestSeconds };
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
    // Another mail under the same id is dropped by itself.
    const key = `${work.tenant} ${work.id} ${work.carried?.message.fingerprint ?? ''}`;
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

/** @returns undefined where the work must be handed back */
async function againAfter(
  ports: SignerPorts,
  work: OutboundWork,
  error: unknown,
): Promise<Again | undefined> {
  const names = { tenant: work.tenant, messageId: work.id, error };
  if (error instanceof UnusableKey) {
    ports.log.error('mail waits for another key', names);
    try {
      await ports.askForAnotherKey(error);
    } catch (failure) {
      ports.log.error('another key cannot be asked for', { ...names, error: failure });
      return undefined;
    }
    return { kind: 'back-off', atLeastSeconds: 30 };
  }
  if (!ports.isOutage(error)) {
    ports.log.error('a message cannot be processed', names);
    return undefined;
  }
  ports.log.warn('a message waits for a service that is out', names);
  return { kind: 'back-off', atLeastSeconds: 1 };
}
