import type { MessageDocument, MessagePage } from '#shared/api/routes/messages.ts';
import type { RecipientBatch, Recipient } from '#shared/core/model/recipient-batch.ts';
import { messageStatus, unclearAttempts } from '#shared/core/model/message.ts';
import { MAIL_DAYS } from '#shared/app/ports/mail.ts';
import { DAY_MS, later } from '#shared/core/time.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';

/** Returns the outcome of a message, as the API shows it. */
export function messageDocumentOf({ message, recipientBatches }: StoredMessage): MessageDocument {
  const { signed } = message;
  const reasons = recipientBatches.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  return {
    id: message.id,
    status: messageStatus(message, recipientBatches),
    domain: message.domain,
    size: message.size,
    createdAt: message.createdAt,
    signature:
      signed === undefined || signed.signature === 'unsigned'
        ? null
        : { ...signed.signature, at: signed.at },
    reasons: [...new Set(reasons)],
    expiresAt: expiryOf(message, recipientBatches),
    unclearAttempts: unclearAttempts(recipientBatches),
    recipients: recipientBatches.flatMap((recipientBatch) =>
      recipientBatch.recipients.map((recipient) => recipientDocument(recipientBatch, recipient)),
    ),
  };
}

/** Returns when what still waits of a message is refused; null where nothing waits. */
function expiryOf(
  { createdAt, held }: StoredMessage['message'],
  recipientBatches: readonly RecipientBatch[],
): string | null {
  const waits = recipientBatches.some(({ state }) => state === 'queued' || state === 'sending');
  if (!waits) return null;
  return held?.until ?? later(createdAt, MAIL_DAYS * DAY_MS);
}

/** A message in a list: its recipients are counted by their state, not named but for the first. */
export function messageSummaryOf(stored: StoredMessage): MessagePage['messages'][number] {
  const { recipients, ...document } = messageDocumentOf(stored);
  const counts = new Map<Recipients[number]['state'], number>();
  for (const { state } of recipients) counts.set(state, (counts.get(state) ?? 0) + 1);
  return {
    ...document,
    to: recipients[0]?.address ?? '',
    recipients: [...counts].map(([state, count]) => ({ state, count })),
  };
}

type Recipients = MessageDocument['recipients'];

/** A recipient without an event of its own has the state of its recipient batch. */
function recipientDocument(
  { state, reason }: RecipientBatch,
  recipient: Recipient,
): Recipients[number] {
  const { address, detail } = recipient;
  const ofRecipientBatch = state === 'unclear' || state === 'refused' ? state : undefined;
  if (recipient.state !== 'accepted' || ofRecipientBatch === undefined) {
    return { address, state: recipient.state, ...(detail === undefined ? {} : { detail }) };
  }
  return { address, state: ofRecipientBatch, ...(reason === undefined ? {} : { detail: reason }) };
}
