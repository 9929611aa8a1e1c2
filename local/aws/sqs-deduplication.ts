/** The send that a deduplication ID stands for. */
export interface FirstSend {
  readonly messageId: string;
  readonly sequence: number;
  readonly at: number;
}

/** For so long a deduplication ID stands for its first send. */
export const DEDUPLICATION_MS = 300_000;

/** The deduplication IDs of a FIFO queue, or of its groups, of the last five minutes. */
export class Deduplication {
  /** Oldest first. */
  readonly #sends = new Map<string, FirstSend>();

  find(key: string, now: number): FirstSend | undefined {
    for (const [known, { at }] of this.#sends) {
      if (now - at < DEDUPLICATION_MS) break;
      this.#sends.delete(known);
    }
    return this.#sends.get(key);
  }

  add(key: string, send: FirstSend): void {
    this.#sends.set(key, send);
  }
}
