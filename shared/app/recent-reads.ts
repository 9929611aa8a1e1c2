import type { Clock } from './ports/clock.ts';

/** Values remembered at once. */
const MAX_READS = 10_000;

interface Reading<Value> {
  /** Epoch milliseconds at which the read began: it shows everything written before. */
  readonly at: number;
  readonly value: Promise<Value>;
}

/** What was read of a table a moment ago. Those who want the same at once share a read. */
export class RecentReads<Value> {
  readonly #clock: Clock;
  readonly #readings = new Map<string, Reading<Value>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns the value by a read that began at most `maxAge` milliseconds ago, as of this call.
   *
   * @throws what the read throws; nothing is remembered then
   */
  of(key: string, maxAge: number, read: (now: Date) => Promise<Value>): Promise<Value> {
    const known = this.#readings.get(key);
    if (known !== undefined && this.ageOf(key) <= maxAge) return known.value;
    if (this.#readings.size >= MAX_READS) this.#readings.clear();
    const now = this.#clock.now();
    const reading = { at: now.getTime(), value: read(now) };
    this.#readings.set(key, reading);
    reading.value.catch(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    return reading.value;
  }

  /** Returns how long ago the read of what is remembered began, in milliseconds; Infinity where nothing is. */
  ageOf(key: string): number {
    const known = this.#readings.get(key);
    return known === undefined ? Infinity : this.#clock.now().getTime() - known.at;
  }
}
