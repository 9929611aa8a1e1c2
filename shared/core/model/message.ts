import type { RecipientBatch, RecipientBatchState, RecipientState } from './recipient-batch.ts';
import type { DomainName, KeyId, MessageId, Selector, TenantId } from './names.ts';

/** Recipients of one message: 20 SES calls. */
export const RECIPIENTS_PER_MESSAGE = 1_000;

/** With which key a message was signed, or that its domain sends unsigned by the operator's leave. */
export type MessageSignature =
  | { readonly domain: DomainName; readonly selector: Selector; readonly keyId: KeyId }
  | 'unsigned';

/** A wait that ends at a time: the mail is refused then, if it was not sent. */
export interface MessageHold {
  readonly code: 'key-not-published';
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601. */
  readonly until: string;
}

/** A mail as it was accepted; its recipient batches have its later states. */
export interface Message {
  readonly tenant: TenantId;
  readonly id: MessageId;
  /** The author domain of the From field. */
  readonly domain: DomainName;
  /** The domain of the Sender field where it is another one. */
  readonly senderDomain?: DomainName;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Octets as submitted. */
  readonly size: number;
  /** SHA-256 of the submitted bytes and the recipients, hex: the same Idempotency-Key must mean the same mail. */
  readonly fingerprint: string;
  /** The time and values of its first signature. */
  readonly signed?: { readonly at: string; readonly signature: MessageSignature };
  /** Present while no key of its domain is in DNS. */
  readonly held?: MessageHold;
}

/**
 * The state of a message as a whole; the first that applies:
 *
 * - `unclear`: of some recipients it is not known yet whether SES has the mail.
 * - `accepted`, `signed`: some recipients still wait for their SES call.
 * - `refused`: it ended with a reason for some recipients, by us or by SES.
 * - `bounced`: some receiver refused it.
 * - `sent`: SES has it; some receiver has not answered.
 * - `delivered`: every receiver took it.
 */
export type MessageStatus =
  | 'unclear'
  | 'accepted'
  | 'signed'
  | 'refused'
  | 'bounced'
  | 'sent'
  | 'delivered';

/** The status of a message by its recipient batches. */
export function messageStatus(
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): MessageStatus {
  const some = (...states: RecipientBatchState[]) =>
    recipientBatches.some(({ state }) => states.includes(state));
  if (some('unclear')) return 'unclear';
  if (some('queued', 'sending')) return isSigned(message) ? 'signed' : 'accepted';
  const recipients = recipientBatches.flatMap((recipientBatch) => recipientBatch.recipients);
  const someone = (...states: RecipientState[]) =>
    recipients.some(({ state }) => states.includes(state));
  if (some('refused') || someone('rejected')) return 'refused';
  if (someone('bounced', 'soft-bounced')) return 'bounced';
  return someone('accepted', 'sent', 'delayed') ? 'sent' : 'delivered';
}

const isSigned = ({ signed }: Message): boolean =>
  signed !== undefined && signed.signature !== 'unsigned';

/**
 * Counts the attempts that may or may not have gone out: those given up, and those still waited
 * for.
 */
export function unclearAttempts(recipientBatches: readonly RecipientBatch[]): number {
  return recipientBatches.reduce(
    (sum, recipientBatch) =>
      sum + recipientBatch.unclearAttempts + (recipientBatch.state === 'unclear' ? 1 : 0),
    0,
  );
}
