import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import { DUE_PARTITIONS, type DueCheck } from '#shared/app/ports/check-store.ts';

interface Entry {
  readonly index: number;
  readonly at: number;
}

/** Holds the due times of many domains, numbered, in memory: a heap for each partition. */
export class DueTimes {
  readonly #due: Float64Array;
  readonly #heaps: Entry[][];

  /** @param at when all are due at first, epoch milliseconds */
  constructor(domains: number, at: number) {
    this.#due = new Float64Array(domains).fill(at);
    this.#heaps = Array.from({ length: DUE_PARTITIONS }, () => []);
    for (let index = 0; index < domains; index += 1) this.#heapOf(index).push({ index, at });
  }

  set(index: number, at: number): void {
    this.#due[index] = at;
    const heap = this.#heapOf(index);
    heap.push({ index, at });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (heap[parent]!.at <= heap[child]!.at) break;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      child = parent;
    }
  }

  /** The planner leases all that it is given, so what is given is taken off. */
  async due(partition: number, now: string, limit: number): Promise<DueCheck[]> {
    const heap = this.#heaps[partition]!;
    const until = Date.parse(now);
    const found: DueCheck[] = [];
    while (found.length < limit && heap.length > 0 && heap[0]!.at <= until) {
      const { index, at } = pop(heap);
      // An entry that a later one overtook is no more.
      if (this.#due[index] === at) found.push(checkOf(index, at));
    }
    return found;
  }

  async lease(check: DueCheck, until: string): Promise<boolean> {
    this.set(Number(check.label), Date.parse(until));
    return true;
  }

  #heapOf(index: number): Entry[] {
    return this.#heaps[index % DUE_PARTITIONS]!;
  }
}

const checkOf = (index: number, at: number): DueCheck => ({
  label: String(index) as Label,
  tenant: 't' as TenantId,
  domain: 'd' as DomainName,
  dueAt: new Date(at).toISOString(),
});

function pop(heap: Entry[]): Entry {
  const top = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  heap[0] = last;
  for (let parent = 0; ;) {
    const left = 2 * parent + 1;
    if (left >= heap.length) return top;
    const right = left + 1;
    const child = right < heap.length && heap[right]!.at < heap[left]!.at ? right : left;
    if (heap[parent]!.at <= heap[child]!.at) return top;
    [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
    parent = child;
  }
}
