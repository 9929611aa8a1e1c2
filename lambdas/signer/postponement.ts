import type { Again } from './again.ts';
import type { Delivery } from './delivery.ts';
import { TimedWait } from './timed-wait.ts';
import { UnusableKey } from './unusable-key.ts';

/** Signing is paused for a moment where another key takes over, else for hours: the waits grow. */
const PAUSED_SECONDS = 2;

/** What may keep a due mail from being tried: throttles, its sender's standing, its key. */
export class Postponement {
  readonly #delivery: Delivery;
  readonly #timedWait: TimedWait;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
    const { batch, message } = delivery;
    this.#timedWait = new TimedWait(batch.ports, batch.settings, message);
  }

  /**
   * Returns when to try, or why the mail is refused; undefined where it may be tried now.
   *
   * @throws what the tables and DNS throw
   */
  async again(): Promise<Again | { readonly expired: string } | undefined> {
    const { batch, message, sendPermission } = this.#delivery;
    const { throttled, deadline, ports } = batch;
    const now = ports.clock.now();
    if (!this.#timedWait.isHeld) this.#noteAge(now);
    if (throttled !== undefined) return throttled;
    if (now >= deadline) return { kind: 'at', at: now };
    if ((await ports.standings.of(message.tenant, message.domain)) === 'paused') {
      return this.#timedWait.keep('sending-paused');
    }
    if (sendPermission.kind === 'signed') {
      const { claim, key } = sendPermission;
      const confirmation = await ports.keyConfirmation.confirm(claim, key);
      if (confirmation.kind === 'absent') return this.#timedWait.keep('key-not-published');
      if (confirmation.kind === 'unconfirmed') return { kind: 'at', at: confirmation.until };
    }
    await this.#timedWait.end();
    if (sendPermission.kind !== 'paused') return undefined;
    const { reason, revoked } = sendPermission;
    if (revoked !== undefined) {
      const { claim, key } = revoked;
      await ports.askForAnotherKey(new UnusableKey(claim, key, reason, { isRevoked: true }));
    }
    ports.log.error('mail waits for a key', { reason, messageId: message.id });
    return { kind: 'back-off', atLeastSeconds: PAUSED_SECONDS };
  }

  #noteAge(now: Date): void {
    const { batch, message } = this.#delivery;
    const seconds = (now.getTime() - Date.parse(message.createdAt)) / 1_000;
    batch.oldestSeconds = Math.max(batch.oldestSeconds, seconds);
  }
}
