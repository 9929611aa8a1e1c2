import { FifoBacklog, StandardBacklog } from './sqs-backlog.ts';
import type { Backlog } from './sqs-backlog.ts';
import type { Message, MessageState } from './sqs-message.ts';
import { SortedList } from './sqs-sorted-list.ts';

/** Gets each change, in order. */
export interface MessageListener {
  added(message: Message): void;
  /** It was received, or its visibility was changed. */
  delivered(message: Message): void;
  removed(message: Message): void;
  /** There may be something to receive that was not there before, or at an earlier time. */
  available(): void;
}

/** The least time between searches for expired messages. */
const EXPIRY_PAUSE_MS = 1000;

/** The messages of a queue and their states. Times are milliseconds since 1970. */
export class QueueMessages {
  readonly #listener: MessageListener;
  readonly #byId = new Map<string, Message>();
  /** Delayed or in flight: the first to become visible first. */
  readonly #hidden = new SortedList<Message>(
    (a, b) => a.visibleAt - b.visibleAt || a.sequence - b.sequence,
  );
  readonly #backlog: Backlog;
  #inFlight = 0;
  #retention = Infinity;
  /** No message is too old before. */
  #expiryAt = Infinity;

  constructor(fifo: boolean, listener: MessageListener) {
    this.#backlog = fifo ? new FifoBacklog() : new StandardBacklog();
    this.#listener = listener;
  }

  /** Makes visible what is due, and drops what is too old. */
  settle(now: number): void {
    for (let next = this.#hidden.first; next && next.visibleAt <= now; next = this.#hidden.first) {
      this.#turn(next, 'visible', now);
    }
    if (now < this.#expiryAt) return;
    let oldest = Infinity;
    for (const message of this.#byId.values()) {
      if (now - message.sentAt >= this.#retention) this.remove(message, now);
      else oldest = Math.min(oldest, message.sentAt);
    }
    this.#expiryAt = Math.max(oldest + this.#retention, now + EXPIRY_PAUSE_MS);
  }

  /** @param retention milliseconds after which a message is too old */
  setRetention(retention: number): void {
    this.#retention = retention;
    this.#expiryAt = 0;
  }

  add(message: Message, now: number): void {
    this.restore(message, now);
    this.#listener.added(message);
  }

  /** Takes back a message that the listener got before. */
  restore(message: Message, now: number): void {
    this.#byId.set(message.id, message);
    this.#expiryAt = Math.min(this.#expiryAt, message.sentAt + this.#retention);
    this.#file(message, undefined, message.state, now);
  }

  remove(message: Message, now: number): void {
    this.#unfile(message);
    this.#byId.delete(message.id);
    this.#file(message, message.state, undefined, now);
    this.#listener.removed(message);
  }

  /** Puts a message in flight, or lets it stay there, until a time. */
  hide(message: Message, until: number, now: number): void {
    this.#turn(message, 'in-flight', now, until);
    this.#listener.delivered(message);
  }

  get(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  /** All of them, oldest first. */
  all(): Message[] {
    return [...this.#byId.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** The messages to receive next. Each has to be moved before another one is asked for. */
  receivable(now: number): Iterable<Message> {
    return this.#backlog.receivable(now);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get delayed(): number {
    return this.#hidden.size - this.#inFlight;
  }

  get visible(): number {
    return this.#byId.size - this.#hidden.size;
  }

  /** When the next message becomes visible by itself. */
  get nextVisibleAt(): number | undefined {
    return this.#hidden.first?.visibleAt;
  }

  #turn(message: Message, state: MessageState, now: number, visibleAt = message.visibleAt): void {
    const before = message.state;
    this.#unfile(message);
    message.state = state;
    message.visibleAt = visibleAt;
    this.#file(message, before, state, now);
  }

  #unfile(message: Message): void {
    if (message.state !== 'visible') this.#hidden.remove(message);
  }

  #file(
    message: Message,
    from: MessageState | undefined,
    to: MessageState | undefined,
    now: number,
  ): void {
    if (to === 'delayed' || to === 'in-flight') this.#hidden.insert(message);
    if (from === 'in-flight') this.#inFlight -= 1;
    if (to === 'in-flight') this.#inFlight += 1;
    this.#backlog.moved(message, from, to, now);
    // A message that leaves the flight may have blocked its group; one that is hidden now becomes
    // visible at a time that those who wait have to know.
    this.#listener.available();
  }
}
