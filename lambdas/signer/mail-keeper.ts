import type { CarriedMail } from '#shared/app/sending/carried-mail.ts';
import { DAY_MS } from '#shared/core/time.ts';
import type { SignerPorts } from './ports.ts';

/**
 * Stores mails that so far only their messages in the queue carry, and enters them in the outbox: what
 * does not leave at once is then neither lost with its message nor carried on. Each once in a batch.
 */
export class MailKeeper {
  readonly #ports: Pick<SignerPorts, 'mails' | 'outbox' | 'clock' | 'log'>;
  readonly #kept = new Map<CarriedMail, Promise<void>>();
  readonly #noted = new Set<CarriedMail>();

  constructor(ports: Pick<SignerPorts, 'mails' | 'outbox' | 'clock' | 'log'>) {
    this.#ports = ports;
  }

  /** Remembers that the table has a mail. */
  noted(mail: CarriedMail | undefined): void {
    if (mail !== undefined) this.#noted.add(mail);
  }

  /** @throws what the store or the outbox throws; the mail may be kept again then */
  async keep(mail: CarriedMail | undefined): Promise<void> {
    if (mail === undefined) return;
    const known = this.#kept.get(mail);
    if (known !== undefined) return known;
    const kept = this.#keep(mail);
    this.#kept.set(mail, kept);
    kept.catch(() => this.#kept.delete(mail));
    return kept;
  }

  /** @returns true if the table and the store have a mail: its id will do */
  async isFoundById(mail: CarriedMail | undefined): Promise<boolean> {
    return mail === undefined || (this.#noted.has(mail) && (await this.isKept(mail)));
  }

  /** @returns false where it could not be kept: its message still carries it */
  async isKept(mail: CarriedMail | undefined): Promise<boolean> {
    try {
      await this.keep(mail);
      return true;
    } catch (error) {
      const { tenant, id } = mail?.message ?? {};
      this.#ports.log.warn('a mail could not be stored', { tenant, messageId: id, error });
      return false;
    }
  }

  async #keep({ message, raw }: CarriedMail): Promise<void> {
    const { mails, outbox, clock } = this.#ports;
    await Promise.all([
      mails.put(message, raw),
      outbox.enter(message, new Date(clock.now().getTime() + DAY_MS)),
    ]);
  }
}
