import type { Clock } from './http.ts';

/** A token bucket: `burst` at once, then `perSecond`. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: Clock;
  #tokens: number;
  #at: number;

  constructor(burst: number, perSecond: number, now: Clock) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Takes so many tokens; false, with none taken, where there are not enough. */
  take(count = 1): boolean {
    this.#earn();
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes so many tokens where there is one at all; the rest is a debt that is earned back first. */
  takeOnCredit(count: number): boolean {
    this.#earn();
    if (this.#tokens < 1) return false;
    this.#tokens -= count;
    return true;
  }

  #earn(): void {
    const now = this.#now();
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#at = now;
  }
}
