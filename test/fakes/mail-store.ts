import { createHash } from 'node:crypto';
import { allocateMail } from '#shared/core/mail/room.ts';
import { type MailKey, type MailStore, ReplacedMail } from '#shared/app/ports/mail.ts';

/** Raw mail in memory. */
export class MemoryMailStore implements MailStore {
  readonly #mails = new Map<string, Buffer>();

  async put(key: MailKey, raw: Buffer): Promise<string> {
    this.#mails.set(keyOf(key), Buffer.from(raw));
    return etagOf(raw);
  }

  async get(key: MailKey, etag?: string): Promise<Buffer | undefined> {
    const raw = this.#mails.get(keyOf(key));
    if (raw !== undefined && etag !== undefined && etag !== etagOf(raw)) throw new ReplacedMail();
    if (raw === undefined) return undefined;
    const read = allocateMail(raw.length);
    raw.copy(read);
    return read;
  }

  /** Number of mails. */
  get size(): number {
    return this.#mails.size;
  }
}

const etagOf = (raw: Buffer) => `"${createHash('md5').update(raw).digest('hex')}"`;

const keyOf = ({ tenant, id, fingerprint }: MailKey) => `${tenant}/${id}/${fingerprint}`;
