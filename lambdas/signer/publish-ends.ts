import {
  messageHeldEvents,
  messageSuppressedEvents,
  recipientBatchEvents,
} from '#shared/core/model/event.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';
import type { SignerPorts } from './ports.ts';

/**
 * Publishes events of recipient batches that are refused or unclear, for any cause, and of
 * recipients on the suppression list. Events that failed are published when the message comes again,
 * under the same id.
 *
 * @throws what the bus throws; the message must come again
 */
export async function publishEnds(
  { bus }: Pick<SignerPorts, 'bus'>,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): Promise<void> {
  const events = recipientBatches.flatMap((recipientBatch) => [
    ...recipientBatchEvents(message, recipientBatch),
    ...messageSuppressedEvents(message, recipientBatch),
  ]);
  if (events.length > 0) await bus.put(events);
}

/** Publishes that a suspension holds a mail; of recipients that still wait. @throws what the bus throws */
export async function publishHeld(
  { bus }: Pick<SignerPorts, 'bus'>,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
  hold: SuspensionHold,
): Promise<void> {
  const events = recipientBatches.flatMap((each) => messageHeldEvents(message, each, hold));
  if (events.length > 0) await bus.put(events);
}
