import type { Label } from '#shared/core/model/names.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import type { ImporterPorts } from './ports.ts';

/**
 * Claims of an import that may wait for SES at a time. The second is on its way while the first has
 * its two turns, so that no turn of SES is lost; another tenant's claim waits for four turns at most.
 */
export const MOST_WAITING = 2;
/** Milliseconds between two reads of what waits. */
const READ_MS = 250;
/** After this time a claim no longer holds up the next: SES has no room for it, or an alarm is on. */
const GIVEN_UP_MS = MINUTE_MS;

type Ports = Pick<ImporterPorts, 'identities' | 'clock' | 'retryTime'>;

/** The claims of an import that SES has not given a value yet, as this call of the function knows. */
export class SesRoom {
  readonly #ports: Ports;
  readonly #since = new Map<Label, number>();

  constructor(ports: Ports, waiting: readonly Label[] = []) {
    this.#ports = ports;
    for (const label of waiting) this.add(label);
  }

  add(label: Label): void {
    this.#since.set(label, this.#now());
  }

  /** The claims that wait, for the next call. */
  get waiting(): readonly Label[] {
    return [...this.#since.keys()];
  }

  /**
   * Waits until another claim may be made.
   *
   * @param deadline epoch milliseconds
   * @returns false where there is no room until then
   */
  async opens(deadline: number): Promise<boolean> {
    while (this.#since.size >= MOST_WAITING) {
      await this.#forgetDone();
      if (this.#since.size < MOST_WAITING) break;
      if (this.#now() + READ_MS >= deadline) return false;
      await this.#ports.retryTime.sleep(READ_MS);
    }
    return true;
  }

  /** A claim has a view once its first turn at SES is over. */
  async #forgetDone(): Promise<void> {
    const views = await this.#ports.identities.views(this.waiting);
    const now = this.#now();
    for (const [label, since] of this.#since) {
      if (views.has(label) || now - since > GIVEN_UP_MS) this.#since.delete(label);
    }
  }

  #now = (): number => this.#ports.clock.now().getTime();
}
