import type { DomainName, MessageId, TenantId } from './names.ts';

/** Recipients of one SES call. */
export const RECIPIENTS_PER_CHUNK = 50;

/**
 * - `queued`: not tried yet, or tried with the known outcome that nothing was done.
 * - `sending`: one attempt holds it until `leaseUntil`.
 * - `sent`: SES accepted it.
 * - `unclear`: an attempt ended without a known outcome; an SES event settles it, or it is sent again.
 * - `refused`: ended with a reason.
 */
export type ChunkState = 'queued' | 'sending' | 'sent' | 'unclear' | 'refused';

/** What became of one recipient, in the order of how far it is. */
export type RecipientState =
  | 'accepted'
  | 'sent'
  | 'delayed'
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'rejected';

export interface Recipient {
  readonly address: string;
  readonly state: RecipientState;
  /** The receiver's or SES's words, where there are any. */
  readonly detail?: string;
}

export interface Chunk {
  readonly index: number;
  readonly state: ChunkState;
  /** How often it was tried; 0 before the first. The attempt is a tag of the SES call. */
  readonly attempt: number;
  /** Attempts that ended unclear and were followed by another: possible doubles. */
  readonly unclearAttempts: number;
  readonly leaseUntil?: string;
  readonly unclearSince?: string;
  readonly sesId?: string;
  readonly reason?: string;
  readonly recipients: readonly Recipient[];
}

export interface Message {
  readonly tenant: TenantId;
  readonly id: MessageId;
  /** The author domain of the From field. */
  readonly domain: DomainName;
  readonly createdAt: string;
  /** Octets as submitted. */
  readonly size: number;
  /** SHA-256 of the submitted bytes and recipients, hex: the same Idempotency-Key must mean the same mail. */
  readonly fingerprint: string;
  readonly signedAt?: string;
  readonly signature?:
    | { readonly domain: DomainName; readonly selector: string; readonly keyId: string }
    | 'unsigned';
  /** Set when the message ended before all of it was sent. */
  readonly refusedAt?: string;
  readonly reason?: string;
}

export type MessageStatus =
  | 'accepted'
  | 'signed'
  | 'sent'
  | 'delivered'
  | 'bounced'
  | 'refused'
  | 'unclear';

/** What one SES event says. */
export interface RecipientEvent {
  readonly state: RecipientState;
  readonly addresses: readonly string[];
  readonly attempt: number;
  readonly sesId: string;
  readonly at: string;
  readonly detail?: string;
}
