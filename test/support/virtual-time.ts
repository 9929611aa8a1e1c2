import type { RetryTime } from '#shared/async/retry.ts';

interface Waiting {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Advances time only while every caller waits: the next sleeper wakes at once. Work awaited
 * meanwhile must end by itself, without real I/O.
 */
export class VirtualTime implements RetryTime {
  #now: number;
  /** A binary heap by time. */
  readonly #heap: Waiting[] = [];
  #seed = 1;

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  get now(): number {
    return this.#now;
  }

  readonly clock = { now: () => new Date(this.#now) };

  readonly sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => this.at(this.#now + Math.max(0, milliseconds), wake));

  /** A linear congruential generator: the same run each time. */
  readonly random = (): number => {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  };

  at(time: number, wake: () => void): void {
    const heap = this.#heap;
    const entry = { at: time, wake };
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= time) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Advances time until a condition holds, or until no caller waits any more. */
  async runUntil(isSo: () => boolean): Promise<void> {
    await turn();
    while (!isSo()) {
      const next = this.#pop();
      if (next === undefined) return;
      this.#now = next.at;
      next.wake();
      while (this.#heap[0]?.at === this.#now) this.#pop()!.wake();
      await turn();
    }
  }

  #pop(): Waiting | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && heap[right]!.at < heap[left]!.at ? right : left;
      if (heap[child]!.at >= last.at) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

/** Everything that can go on now has gone on when this resolves. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
