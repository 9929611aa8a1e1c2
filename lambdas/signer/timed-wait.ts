import type { Message, TimedHold } from '#shared/core/model/message.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';
import type { Again } from './again.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';

/** Hours that mail of a paused sender waits for the operator's decision. */
const PAUSE_HOURS = 72;

/** A held mail is tried again after a quarter of the time that it is held, within these limits, in seconds. */
const AGAIN: Readonly<
  Record<TimedHold['code'], { readonly least: number; readonly most: number }>
> = {
  'key-not-published': { least: 5, most: 60 },
  'sending-paused': { least: 30, most: 900 },
};

const WAITS: Readonly<Record<TimedHold['code'], string>> = {
  'key-not-published': 'mail waits: its key is not in DNS',
  'sending-paused': 'mail waits: its sender is paused',
};

/** The wait of a message under a hold that ends by itself: the mail is refused then. */
export class TimedWait {
  readonly #ports: Pick<SignerPorts, 'messages' | 'clock' | 'log'>;
  readonly #hours: Readonly<Record<TimedHold['code'], number>>;
  readonly #message: Message;
  #hold: TimedHold | undefined;

  constructor(
    ports: Pick<SignerPorts, 'messages' | 'clock' | 'log'>,
    { holdHours }: Pick<SignerSettings, 'holdHours'>,
    message: Message,
  ) {
    this.#ports = ports;
    this.#hours = { 'key-not-published': holdHours, 'sending-paused': PAUSE_HOURS };
    this.#message = message;
    this.#hold = message.held?.code === 'account-suspended' ? undefined : message.held;
  }

  get isHeld(): boolean {
    return this.#hold !== undefined;
  }

  /** Holds the mail for a reason. @returns when to try again, or why the mail is refused */
  async keep(code: TimedHold['code']): Promise<Again | { readonly expired: string }> {
    const { clock, messages, log } = this.#ports;
    const { tenant, id } = this.#message;
    const now = clock.now();
    if (this.#hold?.code !== code) {
      await this.end();
      const until = later(now, this.#hours[code] * HOUR_MS);
      this.#hold = { code, since: now.toISOString(), until };
      await messages.noteHeld(tenant, id, this.#hold);
      log.warn(WAITS[code], { tenant, messageId: id, until });
    }
    const { since, until } = this.#hold;
    if (now.toISOString() >= until) return { expired: this.#expiry(code) };
    const { least, most } = AGAIN[code];
    const seconds = (now.getTime() - Date.parse(since)) / 4_000;
    const again = now.getTime() + Math.min(most, Math.max(least, seconds)) * 1_000;
    return { kind: 'at', at: new Date(Math.min(again, Date.parse(until))) };
  }

  /** Ends the hold, where there is one. */
  async end(): Promise<void> {
    if (this.#hold === undefined) return;
    const { tenant, id } = this.#message;
    this.#hold = undefined;
    await this.#ports.messages.noteHeld(tenant, id, undefined);
  }

  #expiry(code: TimedHold['code']): string {
    const { domain } = this.#message;
    return {
      'key-not-published': `key-not-published: for ${this.#hours[code]} hours the DNS of ${domain} led to none of its DKIM keys, so that no receiver could verify the mail. Restore the DKIM records that GET /v1/domains/${domain} shows, then submit it again.`,
      'sending-paused': `sending-paused: for ${this.#hours[code]} hours sending was paused, since too much mail bounced or was reported as spam. Clean your lists, ask the operator of the service to resume it, then submit it again.`,
    }[code];
  }
}
