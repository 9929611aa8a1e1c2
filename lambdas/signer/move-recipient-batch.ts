import type { Message } from '#shared/core/model/message.ts';
import { type RecipientBatch, refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Delivery } from './delivery.ts';

/**
 * Stores the next revision of a recipient batch.
 *
 * @param signed what the message was signed with, where this is its first attempt
 * @returns the recipient batch as it is now stored: `next`, or another writer's version
 */
export async function moveRecipientBatch(
  { batch: { ports }, message: { tenant, id } }: Delivery,
  next: RecipientBatch,
  signed?: Message['signed'],
): Promise<RecipientBatch | undefined> {
  const { messages } = ports;
  if (await messages.moveRecipientBatch(tenant, id, next, signed)) return next;
  return messages.recipientBatch(tenant, id, next.index);
}

/** Refuses a recipient batch, and counts that. @returns it as it is now stored */
export async function refuse(
  delivery: Delivery,
  recipientBatch: RecipientBatch,
  reason: string,
): Promise<RecipientBatch | undefined> {
  const { batch } = delivery;
  const refused = refuseRecipientBatch(recipientBatch, reason, batch.ports.clock.now());
  const stored = await moveRecipientBatch(delivery, refused);
  if (stored === refused) batch.count('MessagesRefused');
  return stored;
}
