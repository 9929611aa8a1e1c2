import type { Queue, SendOptions } from '#shared/app/ports/queues.ts';

export interface Sent<Request> {
  readonly request: Request;
  readonly delaySeconds: number;
  readonly group?: string;
  /** Of a FIFO queue only. */
  readonly deduplicationId?: string;
}

/** A queue in memory; what was sent stays in `sent` until the test takes it. */
export class MemoryQueue<Request> implements Queue<Request> {
  readonly sent: Sent<Request>[] = [];
  /** Errors that the next sends fail with, one each. */
  readonly failing: Error[] = [];
  readonly #fifo: boolean;
  readonly #seen = new Set<string>();

  constructor({ fifo = false }: { fifo?: boolean } = {}) {
    this.#fifo = fifo;
  }

  /** Takes all that was sent. */
  take(): Sent<Request>[] {
    return this.sent.splice(0);
  }

  async send(requests: readonly Request[], options: SendOptions<Request> = {}): Promise<void> {
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
    if (this.#fifo && options.group === undefined) {
      throw new TypeError('a FIFO queue needs a group');
    }
    if (!this.#fifo && options.deduplicationId !== undefined) {
      throw new TypeError('a standard queue has no deduplication');
    }
    if (this.#fifo && options.delaySeconds !== undefined) {
      throw new TypeError('a FIFO queue has no delay per message');
    }
    for (const request of requests) {
      const deduplicationId = options.deduplicationId?.(request);
      if (deduplicationId !== undefined) {
        if (this.#seen.has(deduplicationId)) continue;
        this.#seen.add(deduplicationId);
      }
      this.sent.push({
        request: structuredClone(request),
        delaySeconds: options.delaySeconds ?? 0,
        ...(options.group === undefined ? {} : { group: options.group(request) }),
        ...(deduplicationId === undefined ? {} : { deduplicationId }),
      });
    }
  }
}
