import { createHash } from 'node:crypto';
import { SigningError } from '#shared/core/dkim/sign.ts';
import type { Message } from '#shared/core/model/message.ts';
import { DAY_MS } from '#shared/core/time.ts';
import { MAIL_DAYS, ReplacedMail } from '#shared/app/ports/mail.ts';
import type { Delivery } from './delivery.ts';
import { signedCopy, type SigningKey } from './signed-copy.ts';

/** What is handed to the exit of a message, or why nothing is. */
export type Copy =
  | { readonly kind: 'ready'; readonly raw: Buffer }
  /** Another message carries the mail, or a signer stores it at the moment. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string };

const NOT_KEPT = `The mail could not be sent within the ${MAIL_DAYS} days that it is kept for.`;

const REPLACED =
  'The stored mail is not the one that was inspected when it was submitted; submit it again.';

/** The signed copy of a message, made once for all its recipient batches. */
export class MailCopy {
  readonly #delivery: Delivery;
  #copy: Copy | undefined;
  #unnoted: Message['signed'];

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  /** What the mail was signed with, until an attempt notes it. */
  get unnoted(): Message['signed'] {
    return this.#unnoted;
  }

  noted(): void {
    this.#unnoted = undefined;
  }

  /** @throws what the store or KMS throws, SigningError for a key that cannot sign; made again then */
  async get(): Promise<Copy> {
    const copy = this.#copy ?? (await this.#make());
    this.#copy = copy;
    return copy;
  }

  async #make(): Promise<Copy> {
    const { batch, message } = this.#delivery;
    const { clock, log, mailer } = batch.ports;
    const { tenant, id, createdAt } = message;
    const now = clock.now();
    if (now.getTime() - Date.parse(createdAt) >= MAIL_DAYS * DAY_MS) {
      return { kind: 'refused', reason: NOT_KEPT };
    }
    try {
      const loaded = await this.#load();
      if (loaded === undefined) {
        log.warn('a mail is not stored', { tenant, messageId: id });
        return { kind: 'absent' };
      }
      const raw = signedCopy(loaded.raw, {
        domain: message.domain,
        signingKey: loaded.signingKey,
        profile: mailer.exit.profile,
        now,
      });
      this.#logSigned();
      this.#unnoted = message.signed === undefined ? this.#signatureAt(now) : undefined;
      return { kind: 'ready', raw };
    } catch (error) {
      if (error instanceof ReplacedMail) return this.#replaced();
      if (!(error instanceof SigningError) || error.code === 'key-unusable') throw error;
      return { kind: 'refused', reason: error.message };
    }
  }

  /** The mail and the key it is signed with, fetched at once; undefined where the mail is not stored. */
  async #load(): Promise<{ raw: Buffer; signingKey?: SigningKey } | undefined> {
    const { batch, sendPermission } = this.#delivery;
    if (sendPermission.kind !== 'signed') {
      const raw = await this.#read();
      return raw && { raw };
    }
    const { selector } = sendPermission.key;
    const [raw, key] = await Promise.all([
      this.#read(),
      batch.ports.keys.get(sendPermission.claim, sendPermission.key),
    ]);
    return raw && { raw, signingKey: { selector, key } };
  }

  /** @throws ReplacedMail where it is not the mail that was inspected */
  async #read(): Promise<Buffer | undefined> {
    const { batch, message, carried } = this.#delivery;
    if (carried !== undefined) return carried.raw;
    const { content } = message;
    const raw = await batch.ports.mails.get(message, content?.etag);
    if (raw === undefined || content === undefined) return raw;
    if (createHash('sha256').update(raw).digest('hex') !== content.sha256) throw new ReplacedMail();
    return raw;
  }

  #replaced(): Copy {
    const { tenant, id } = this.#delivery.message;
    this.#delivery.batch.ports.log.error('a stored mail was replaced', { tenant, messageId: id });
    return { kind: 'refused', reason: REPLACED };
  }

  #logSigned(): void {
    const { batch, message, sendPermission } = this.#delivery;
    const { tenant, id, domain } = message;
    const key = sendPermission.kind === 'signed' ? sendPermission.key : undefined;
    const by = key === undefined ? {} : { selector: key.selector, keyId: key.id };
    batch.ports.log.info('a mail was signed', { tenant, messageId: id, domain, ...by });
  }

  #signatureAt(now: Date): NonNullable<Message['signed']> {
    const { message, sendPermission } = this.#delivery;
    const signature =
      sendPermission.kind === 'signed'
        ? {
            domain: message.domain,
            selector: sendPermission.key.selector,
            keyId: sendPermission.key.id,
          }
        : 'unsigned';
    return { at: now.toISOString(), signature };
  }
}
