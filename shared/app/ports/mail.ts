import type { Exit } from '#shared/core/mail/exit.ts';
import type { AttemptOutcome } from '#shared/core/model/recipient-batch.ts';
import type { Label, MessageId, TenantId } from '#shared/core/model/names.ts';

/** The place of a mail: its message, and the fingerprint of the very bytes that were accepted. */
export interface MailKey {
  readonly tenant: TenantId;
  readonly id: MessageId;
  /**
   * SHA-256, hex. Part of the place, so that a request that reuses an Idempotency-Key for another
   * mail cannot overwrite the mail that was accepted.
   */
  readonly fingerprint: string;
}

/** The retention of raw mail. */
export const MAIL_DAYS = 30;

/** Raw mail as it was submitted, kept for `MAIL_DAYS`. */
export interface MailStore {
  /** @returns the ETag of what was stored */
  put(key: MailKey, raw: Buffer): Promise<string>;
  /**
   * @param etag of the only content that may be read
   * @returns undefined where the mail is gone
   * @throws ReplacedMail where other content is there
   */
  get(key: MailKey, etag?: string): Promise<Buffer | undefined>;
}

/** The stored mail is not the one that was inspected. */
export class ReplacedMail extends Error {
  constructor() {
    super('the stored mail is not the one that was inspected when it was submitted');
    this.name = 'ReplacedMail';
  }
}

/** The envelope of one call of the exit: at most 50 recipients. */
export interface Envelope {
  /** Set by us, under the From domain. */
  readonly source: string;
  readonly recipients: readonly string[];
  readonly tags: {
    readonly tenant: TenantId;
    readonly message: MessageId;
    readonly recipientBatch: number;
    readonly attempt: number;
  };
}

/** Sends by an exit, without retries: each call is one attempt with a known or an unclear outcome. */
export interface Mailer {
  readonly exit: Exit;
  /** Never rejects for what the exit answers or for what happens to the connection. */
  send(raw: Buffer, envelope: Envelope): Promise<AttemptOutcome>;
}

/** The claims that sent mail lately: they are checked hourly. */
export interface SendingLog {
  /** @param at ISO 8601 */
  noteSent(label: Label, at: string): Promise<void>;
}
