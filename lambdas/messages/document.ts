import type { MessageDocument, MessagePage } from '#shared/api/routes/messages.ts';
import {
  hasEnded,
  effectiveState,
  type EffectiveState,
  type Recipient,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import { messageStatus, recipientCounts, unclearAttempts } from '#shared/core/model/message.ts';
import { ON_SUPPRESSION_LIST } from '#shared/core/model/suppression.ts';
import { ACCOUNT_SUSPENDED } from '#shared/core/model/tenant-state.ts';
import { MAIL_DAYS } from '#shared/app/ports/mail.ts';
import { DAY_MS, later } from '#shared/core/time.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';

/**
 * Returns the outcome of a message, as the API shows it.
 *
 * @param expectedAt when the first that waits of it is expected to leave, where that is known
 */
export function messageDocumentOf(
  { message, recipientBatches }: StoredMessage,
  expectedAt?: Date,
): MessageDocument {
  const { signed } = message;
  const held = holdOf(message, recipientBatches);
  const reasons = [
    ...(held?.code === 'account-suspended' ? [ACCOUNT_SUSPENDED] : []),
    ...recipientBatches.flatMap(({ reason }) => reason ?? []),
  ];
  return {
    id: message.id,
    status: messageStatus(message, recipientBatches),
    domain: message.domain,
    size: message.size,
    createdAt: message.createdAt,
    channel: message.channel ?? null,
    repairs: [...(message.repairs ?? [])],
    signature:
      signed === undefined || signed.signature === 'unsigned'
        ? null
        : { ...signed.signature, at: signed.at },
    reasons: [...new Set(reasons)],
    expectedAt: expectedAt?.toISOString() ?? null,
    expiresAt: expiryOf(message, recipientBatches),
    held,
    unclearAttempts: unclearAttempts(recipientBatches),
    counts: recipientCounts(recipientBatches),
    recipients: recipientBatches.flatMap((recipientBatch) =>
      recipientBatch.recipients.map((recipient) => recipientDocument(recipientBatch, recipient)),
    ),
  };
}

const waits = (recipientBatches: readonly RecipientBatch[]): boolean =>
  recipientBatches.some((batch) => batch.state !== 'unclear' && !hasEnded(batch));

/** Returns when what still waits of a message is refused; null where nothing waits. */
function expiryOf(
  { createdAt, held }: StoredMessage['message'],
  recipientBatches: readonly RecipientBatch[],
): string | null {
  if (!waits(recipientBatches)) return null;
  if (held !== undefined && 'until' in held) return held.until;
  return later(createdAt, MAIL_DAYS * DAY_MS);
}

/** Returns what the message waits for; null where nothing waits, or for its turn only. */
function holdOf(
  { held }: StoredMessage['message'],
  recipientBatches: readonly RecipientBatch[],
): MessageDocument['held'] {
  if (held === undefined || !waits(recipientBatches)) return null;
  return { code: held.code, since: held.since };
}

/** A message in a list: its recipients are counted by their state, not named but for the first. */
export function messageSummaryOf(stored: StoredMessage): MessagePage['messages'][number] {
  const { recipients, expectedAt: _, ...document } = messageDocumentOf(stored);
  return {
    ...document,
    to: recipients[0]?.address ?? '',
    recipients: Object.entries(document.counts).map(([state, count]) => ({
      state: state as EffectiveState,
      count,
    })),
  };
}

const detailOf = ({ state, detail }: Recipient): string | undefined =>
  state === 'suppressed' ? ON_SUPPRESSION_LIST : detail;

/** A recipient without an event of its own has the state of its recipient batch, and its reason. */
function recipientDocument(
  batch: RecipientBatch,
  recipient: Recipient,
): MessageDocument['recipients'][number] {
  const state = effectiveState(batch, recipient);
  const detail = state === recipient.state ? detailOf(recipient) : batch.reason;
  return { address: recipient.address, state, ...(detail === undefined ? {} : { detail }) };
}
