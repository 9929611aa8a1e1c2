import type { MessageId, TenantId } from '../domain/names.ts';

/** Raw mail as it was submitted, kept for 30 days. */
export interface MailStore {
  put(tenant: TenantId, id: MessageId, raw: Buffer): Promise<void>;
  /** @throws Error where the mail is gone */
  get(tenant: TenantId, id: MessageId): Promise<Buffer>;
}

/** One `SendRawEmail` call: at most 50 recipients. */
export interface Envelope {
  /** Set by us, under the From domain. */
  readonly source: string;
  readonly recipients: readonly string[];
  readonly tags: {
    readonly tenant: TenantId;
    readonly message: MessageId;
    readonly chunk: number;
    readonly attempt: number;
  };
}

/**
 * - `sent`: SES accepted, with its id.
 * - `throttled`: nothing was done; wait.
 * - `refused`: nothing was done and never will be; the reason ends the chunk.
 * - `unclear`: a reset, timeout or 5xx: SES may or may not have it.
 */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly sesId: string }
  | { readonly kind: 'throttled'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string };

/** SES's sending side, SDK retries off: each call is one attempt with a known or an unclear outcome. */
export interface Mailer {
  send(raw: Buffer, envelope: Envelope): Promise<SendOutcome>;
}
