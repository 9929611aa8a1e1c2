import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import type { OutboundWork, SignerPorts } from './ports.ts';

/** A mail is noted right after it was queued: a read costs less than a write that comes second. */
const NOTED_MS = 30;

/**
 * Reads a message. One that its submission could not note, or has not noted yet, is noted.
 *
 * @returns undefined where it is gone, or where another mail was accepted under its id
 */
export async function storedMessage(
  { messages, sleep, log }: Pick<SignerPorts, 'messages' | 'sleep' | 'log'>,
  { tenant, id, carried }: OutboundWork,
): Promise<StoredMessage | undefined> {
  let stored = await messages.get(tenant, id);
  if (stored === undefined && carried !== undefined) {
    await sleep(NOTED_MS);
    stored = await messages.get(tenant, id);
  }
  if (stored === undefined && carried !== undefined) {
    const recipientBatches = newRecipientBatches(carried.recipients, carried.suppressed);
    const existing = await messages.create(carried.message, recipientBatches);
    if (existing === undefined) return { message: carried.message, recipientBatches };
    stored = await messages.get(tenant, id);
  }
  if (stored === undefined) {
    log.warn('a queued message is gone', { tenant, id });
    return undefined;
  }
  if (carried === undefined || carried.message.fingerprint === stored.message.fingerprint) {
    return stored;
  }
  // Its submission was answered by `idempotency-key-reused`.
  log.warn('a queued mail is not the one that was accepted', { tenant, messageId: id });
  return undefined;
}
