import type { SuspensionHold } from './tenant-state.ts';
import { effectiveState, type EffectiveState, type RecipientBatch } from './recipient-batch.ts';
import type { Repair } from '../mail/repair.ts';
import type { DomainName, KeyId, MessageId, Selector, TenantId } from './names.ts';

/** Recipients of one message: 20 SES calls. */
export const RECIPIENTS_PER_MESSAGE = 1_000;

/** With which key a message was signed, or that its domain sends unsigned by the operator's leave. */
export type MessageSignature =
  | { readonly domain: DomainName; readonly selector: Selector; readonly keyId: KeyId }
  | 'unsigned';

/** The identity of a stored mail. */
export interface MailContent {
  /** The ETag that S3 gave it. */
  readonly etag: string;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/**
 * A wait that ends at a time: the mail is refused then, if it was not sent.
 *
 * - `key-not-published`: for a key of its domain in DNS.
 * - `sending-paused`: for the operator, since too much of its sender's mail bounced or was complained about.
 */
export interface TimedHold {
  readonly code: 'key-not-published' | 'sending-paused';
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601. */
  readonly until: string;
}

/** What a mail waits for, beside its turn. */
export type MessageHold = TimedHold | SuspensionHold;

/**
 * The submission channels: the API with finished MIME, as JSON or by the reference to an upload; or
 * SMTP.
 */
export const submissionChannels = ['api', 'json', 'upload', 'smtp'] as const;
export type SubmissionChannel = (typeof submissionChannels)[number];

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
  /** SHA-256 of the bytes as submitted and the recipients, hex: the same Idempotency-Key must mean the same mail. */
  readonly fingerprint: string;
  /** The way it came; absent where it was accepted before channels were noted. */
  readonly channel?: SubmissionChannel;
  /** Changes made to the mail before it was accepted; absent where there were none. */
  readonly repairs?: readonly Repair[];
  /** Of the stored mail, where it or a part of it was uploaded: no other content is signed. */
  readonly content?: MailContent;
  /** The time and values of its first signature. */
  readonly signed?: { readonly at: string; readonly signature: MessageSignature };
  /** Its place in its tenant's line, where it has waited for the send rate. */
  readonly place?: number;
  /** Present while no key of its domain is in DNS, or its tenant is suspended. */
  readonly held?: MessageHold;
}

/**
 * The status of a message, from worst to best. A message has the worst of its recipients' statuses:
 *
 * - `complained`: a reader reported it as spam.
 * - `refused`: it ended with a reason, by us or by the exit.
 * - `bounced`: the receiver refused it, or the exit gave up.
 * - `suppressed`: it was not sent, since the recipient is on the suppression list.
 * - `unclear`: it is not known yet whether the exit has it.
 * - `held`: it waits for the suspension of its account to end.
 * - `accepted`, `signed`: it waits for the call of the exit.
 * - `sent`: the exit has it; the receiver has not answered.
 * - `delivered`: the receiver took it.
 */
export const messageStatuses = [
  'complained',
  'refused',
  'bounced',
  'suppressed',
  'unclear',
  'held',
  'accepted',
  'signed',
  'sent',
  'delivered',
] as const;

export type MessageStatus = (typeof messageStatuses)[number];

/** The status that a message has by a recipient in that state. */
const statusBy: Readonly<Record<EffectiveState, MessageStatus>> = {
  accepted: 'accepted',
  unclear: 'unclear',
  refused: 'refused',
  sent: 'sent',
  delayed: 'sent',
  'soft-bounced': 'bounced',
  delivered: 'delivered',
  bounced: 'bounced',
  complained: 'complained',
  rejected: 'refused',
  suppressed: 'suppressed',
};

/** The status of a message: the worst that it has by one of its recipients. */
export function messageStatus(
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): MessageStatus {
  const statuses = new Set(
    Object.keys(recipientCounts(recipientBatches)).map((state) => {
      const status = statusBy[state as EffectiveState];
      if (status !== 'accepted') return status;
      if (message.held?.code === 'account-suspended') return 'held';
      return isSigned(message) ? 'signed' : status;
    }),
  );
  return messageStatuses.find((status) => statuses.has(status)) ?? 'accepted';
}

/** Counts the recipients in each state that some are in. */
export function recipientCounts(
  recipientBatches: readonly RecipientBatch[],
): Readonly<Partial<Record<EffectiveState, number>>> {
  const counts: Partial<Record<EffectiveState, number>> = {};
  for (const batch of recipientBatches) {
    for (const recipient of batch.recipients) {
      const state = effectiveState(batch, recipient);
      counts[state] = (counts[state] ?? 0) + 1;
    }
  }
  return counts;
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
