import { Throttled } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import {
  mailVerdict,
  type MailVerdict,
  type SuspensionHold,
} from '#shared/core/model/tenant-state.ts';
import type { SignerPorts } from './ports.ts';
import { ALWAYS_READ } from './tenant-states.ts';

/** Nothing is prepared by an older state, so that the one of the exit call mostly needs no read. */
const FRESH_MS = 300;
/** An exit call begins at most this long after the state was read. */
const EXIT_MS = 500;
/** The state may change while a mail is being held; not often. */
const TRIES = 3;

/** The hold of a message by its tenant's state. */
export class Suspension {
  readonly #ports: Pick<SignerPorts, 'tenantStates' | 'heldMessages' | 'clock' | 'log'>;
  readonly #message: Message;
  readonly #keep: () => Promise<void>;
  #hold: SuspensionHold | undefined;

  /** @param keep stores the mail, before it waits in no queue */
  constructor(
    ports: Pick<SignerPorts, 'tenantStates' | 'heldMessages' | 'clock' | 'log'>,
    message: Message,
    keep: () => Promise<void>,
  ) {
    this.#ports = ports;
    this.#message = message;
    this.#keep = keep;
    this.#hold = message.held?.code === 'account-suspended' ? message.held : undefined;
  }

  /** The hold under which the mail is now. */
  get hold(): SuspensionHold | undefined {
    return this.#hold;
  }

  /**
   * Decides whether a due mail may be sent now. Holds it where it is to be held, ends its hold where
   * that is over.
   *
   * @throws Throttled where the tenant's state keeps changing; or what the tables and the store throw
   */
  async verdict(): Promise<MailVerdict> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const state = await this.#ports.tenantStates.of(
        this.#message.tenant,
        tries === 0 ? FRESH_MS : ALWAYS_READ,
      );
      const verdict = mailVerdict(state, this.#hold);
      if (verdict.kind === 'send') await this.#endHold();
      if (verdict.kind !== 'hold' || (await this.#holdUnder(verdict.suspension))) return verdict;
    }
    throw new Throttled('the changing state of the tenant');
  }

  /** Returns true if an exit call may begin now. @throws what the tables throw */
  mayExit(): Promise<boolean> {
    return this.#ports.tenantStates.isActive(this.#message.tenant, EXIT_MS);
  }

  async #holdUnder(suspension: string): Promise<boolean> {
    if (this.#hold?.suspension === suspension) return true;
    const { heldMessages, clock, log } = this.#ports;
    const since = clock.now().toISOString();
    const hold: SuspensionHold = { code: 'account-suspended', since, suspension };
    await this.#keep();
    if (!(await heldMessages.hold(this.#message, hold))) return false;
    this.#hold = hold;
    const { tenant, id } = this.#message;
    log.info('mail is held: its tenant is suspended', { tenant, messageId: id, suspension });
    return true;
  }

  async #endHold(): Promise<void> {
    if (this.#hold === undefined) return;
    await this.#ports.heldMessages.endHold(this.#message, this.#hold.suspension);
    this.#hold = undefined;
  }
}
