import type { Queue, SendOptions } from '#shared/app/ports/queues.ts';
import type { Bill } from './bill.ts';
import type { VirtualTime } from '../../test/support/virtual-time.ts';

const SQS_MS = 10;
/** The latency of one call of SQS. */
const PER_CALL = 10;

interface Surroundings {
  readonly time: VirtualTime;
  readonly bill: Bill;
}

/** A function as Lambda runs it: so much memory, billed for as long as it runs. */
export class Lambda {
  readonly #around: Surroundings;
  readonly #gigabytes: number;

  constructor(around: Surroundings, megabytes: number) {
    this.#around = around;
    this.#gigabytes = megabytes / 1_024;
  }

  async invoke<T>(handler: () => Promise<T>): Promise<T> {
    const { time, bill } = this.#around;
    const start = time.now;
    try {
      return await handler();
    } finally {
      bill.add('Lambda invocations');
      bill.add('Lambda GB-seconds', ((time.now - start) / 1_000) * this.#gigabytes);
    }
  }
}

interface Message<Request> {
  readonly request: Request;
  readonly group: string | undefined;
}

/**
 * Invokes a function with a queue's messages: batches, so many at a time, one for each FIFO group.
 */
export interface Consumer {
  readonly batchSize: number;
  readonly concurrency: number;
  /** @returns the indexes of the messages that failed */
  readonly handle: (bodies: readonly string[]) => Promise<readonly number[]>;
}

/** SQS between our functions. */
export class SimulatedQueue<Request> implements Queue<Request> {
  readonly #around: Surroundings;
  readonly #consumer: Consumer;
  #ready: Message<Request>[] = [];
  #running = 0;
  readonly #busyGroups = new Set<string>();

  constructor(around: Surroundings, consumer: Consumer) {
    this.#around = around;
    this.#consumer = consumer;
  }

  async send(requests: readonly Request[], options: SendOptions<Request> = {}): Promise<void> {
    const { time, bill } = this.#around;
    for (let start = 0; start < requests.length; start += PER_CALL) {
      bill.add('SQS requests');
      await time.sleep(SQS_MS);
      const part = requests.slice(start, start + PER_CALL);
      const messages = part.map((request) => ({ request, group: options.group?.(request) }));
      time.at(time.now + (options.delaySeconds ?? 0) * 1_000, () => {
        this.#ready.push(...messages);
        this.#dispatch();
      });
    }
  }

  #dispatch(): void {
    const { batchSize, concurrency } = this.#consumer;
    while (this.#running < concurrency && this.#ready.length > 0) {
      const free = this.#ready.filter(({ group }) => !this.#busyGroups.has(group ?? ''));
      const batch = free.slice(0, batchSize);
      if (batch.length === 0) return;
      const taken = new Set(batch);
      this.#ready = this.#ready.filter((message) => !taken.has(message));
      void this.#run(batch);
    }
  }

  async #run(batch: readonly Message<Request>[]): Promise<void> {
    const { bill } = this.#around;
    const groups = batch.flatMap(({ group }) => group ?? []);
    for (const group of groups) this.#busyGroups.add(group);
    this.#running += 1;
    // A receive and a delete.
    bill.add('SQS requests', 2);
    const failed = await this.#consumer.handle(batch.map(({ request }) => JSON.stringify(request)));
    if (failed.length > 0) throw new Error('a message failed in the simulation');
    this.#running -= 1;
    for (const group of groups) this.#busyGroups.delete(group);
    this.#dispatch();
  }
}
