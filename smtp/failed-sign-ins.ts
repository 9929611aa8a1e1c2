/** The failures that an address may have within a time. */
export interface FailureLimits {
  readonly failures: number;
  readonly windowMs: number;
  /** Addresses that are remembered at once; the one that failed longest ago goes first. */
  readonly addresses: number;
}

/** Counts failed sign-ins by address, so that nobody tries keys for long. */
export class FailedSignIns {
  readonly #limits: FailureLimits;
  readonly #now: () => number;
  readonly #times = new Map<string, number[]>();

  /** @param now epoch milliseconds */
  constructor(limits: FailureLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Returns the seconds until the address may sign in again; 0 where it may now. */
  waitOf(address: string): number {
    const times = this.#recent(address);
    const { failures, windowMs } = this.#limits;
    const [first] = times.slice(-failures);
    if (times.length < failures || first === undefined) return 0;
    return Math.ceil((first + windowMs - this.#now()) / 1000);
  }

  add(address: string): void {
    const times = [...this.#recent(address), this.#now()].slice(-this.#limits.failures);
    this.#times.delete(address);
    this.#times.set(address, times);
    if (this.#times.size <= this.#limits.addresses) return;
    const [oldest] = this.#times.keys();
    if (oldest !== undefined) this.#times.delete(oldest);
  }

  #recent(address: string): number[] {
    const since = this.#now() - this.#limits.windowMs;
    return (this.#times.get(address) ?? []).filter((time) => time > since);
  }
}
