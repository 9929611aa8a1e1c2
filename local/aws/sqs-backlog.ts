import { FairShares } from './sqs-fair-shares.ts';
import type { Message, MessageState } from './sqs-message.ts';
import { SortedList } from './sqs-sorted-list.ts';

/** Knows which of a queue's messages may be received, and in which order. */
export interface Backlog {
  /** Follows a message from state to state; undefined: it is not in the queue yet, or any more. */
  moved(
    message: Message,
    from: MessageState | undefined,
    to: MessageState | undefined,
    now: number,
  ): void;
  /** The messages to receive next. Each has to be moved before another one is asked for. */
  receivable(now: number): Iterable<Message>;
}

type Messages = SortedList<Message>;
const bySequence = (a: Message, b: Message): number => a.sequence - b.sequence;
const newList = (): Messages => new SortedList(bySequence);

const older = (a: Message | undefined, b: Message | undefined): boolean =>
  b === undefined || (a !== undefined && a.sequence < b.sequence);

/** Oldest first, but for noisy neighbours: any other message goes before theirs. */
export class StandardBacklog implements Backlog {
  readonly #visible = new Map<string | undefined, Messages>();
  readonly #shares = new FairShares();

  moved(
    message: Message,
    from: MessageState | undefined,
    to: MessageState | undefined,
    now: number,
  ): void {
    const tenant = message.groupId;
    if (from === undefined) this.#shares.sent(tenant, now);
    if (from === 'in-flight') this.#shares.inFlight(-1, tenant, now);
    if (to === 'in-flight') this.#shares.inFlight(1, tenant, now);
    const messages = this.#visible.get(tenant) ?? newList();
    if (from === 'visible') messages.remove(message);
    if (to === 'visible') messages.insert(message);
    if (messages.size > 0) this.#visible.set(tenant, messages);
    else {
      this.#visible.delete(tenant);
      this.#shares.drained(tenant);
    }
  }

  *receivable(now: number): Iterable<Message> {
    const noisy = this.#shares.noisy(now);
    for (;;) {
      const next = this.#oldestQuiet(noisy) ?? this.#oldestNoisy();
      if (next === undefined) return;
      yield next;
    }
  }

  #oldestQuiet(noisy: ReadonlySet<string>): Message | undefined {
    let oldest: Message | undefined;
    for (const [tenant, { first }] of this.#visible) {
      if (tenant !== undefined && noisy.has(tenant)) continue;
      if (older(first, oldest)) oldest = first;
    }
    return oldest;
  }

  /** Of several noisy neighbours the one with the fewest messages in flight is next. */
  #oldestNoisy(): Message | undefined {
    let next: Message | undefined;
    let fewest = Infinity;
    for (const [tenant = '', { first }] of this.#visible) {
      const inFlight = this.#shares.inFlightOf(tenant);
      if (inFlight > fewest || (inFlight === fewest && !older(first, next))) continue;
      fewest = inFlight;
      next = first;
    }
    return next;
  }
}

interface Group {
  /** All messages in the queue, in any state. */
  readonly messages: Messages;
  inFlight: number;
}

/**
 * Each group in its order, and not at all while one of its messages is in flight. A receive takes as
 * many messages of a group as there are before it goes on to the next one.
 */
export class FifoBacklog implements Backlog {
  readonly #groups = new Map<string | undefined, Group>();

  moved(message: Message, from: MessageState | undefined, to: MessageState | undefined): void {
    const group = this.#groups.get(message.groupId) ?? { messages: newList(), inFlight: 0 };
    if (from === undefined) group.messages.insert(message);
    if (to === undefined) group.messages.remove(message);
    if (from === 'in-flight') group.inFlight -= 1;
    if (to === 'in-flight') group.inFlight += 1;
    if (group.messages.size > 0) this.#groups.set(message.groupId, group);
    else this.#groups.delete(message.groupId);
  }

  *receivable(): Iterable<Message> {
    const done = new Set<Group>();
    for (;;) {
      const group = this.#oldest(done);
      if (group === undefined) return;
      done.add(group);
      const { messages } = group;
      for (let index = 0; ;) {
        const message = messages.at(index);
        // A delayed message blocks those behind it.
        if (message === undefined || message.state !== 'visible') break;
        yield message;
        if (messages.at(index) === message) index += 1;
      }
    }
  }

  /** The group that may be received from whose first message is the oldest one. */
  #oldest(done: ReadonlySet<Group>): Group | undefined {
    let oldest: Group | undefined;
    for (const group of this.#groups.values()) {
      if (group.inFlight > 0 || done.has(group)) continue;
      if (older(group.messages.first, oldest?.messages.first)) oldest = group;
    }
    return oldest;
  }
}
