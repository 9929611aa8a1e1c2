import type { MailKey, MailStore } from '#shared/app/ports/mail.ts';

/** Raw mail in memory. */
export class MemoryMailStore implements MailStore {
  readonly #mails = new Map<string, Buffer>();

  async put(key: MailKey, raw: Buffer): Promise<void> {
    this.#mails.set(keyOf(key), Buffer.from(raw));
  }

  async get(key: MailKey): Promise<Buffer | undefined> {
    const raw = this.#mails.get(keyOf(key));
    return raw && Buffer.from(raw);
  }

  /** Number of mails. */
  get size(): number {
    return this.#mails.size;
  }
}

const keyOf = ({ tenant, id, fingerprint }: MailKey) => `${tenant}/${id}/${fingerprint}`;
