import { settingsOf } from './sqs-attributes.ts';
import type { QueueAttributes, QueueSettings } from './sqs-attributes.ts';
import { Deduplication, deduplicationKey } from './sqs-deduplication.ts';
import type { FirstSend } from './sqs-deduplication.ts';
import { invalidParameter, sqsError } from './sqs-errors.ts';
import type { Message, MessageContent, MessageState } from './sqs-message.ts';
import { QueueMessages } from './sqs-queue-messages.ts';
import type { QueueListener, QueueRecord } from './sqs-queue-record.ts';

export interface ReceiveOptions {
  readonly most: number;
  /** Milliseconds. */
  readonly visibility: number;
  readonly newReceipt: (message: Message) => string;
  /** Takes the messages that were received often enough. */
  readonly deadLetters?: { readonly after: number; readonly take: (message: Message) => void };
}

/** In flight at most, in either kind of queue. */
const MOST_IN_FLIGHT = 120_000;

/** A queue, as of the time that each call is given (milliseconds since 1970). */
export class Queue {
  #record: QueueRecord;
  #settings: QueueSettings;
  readonly #listener: QueueListener;
  readonly #messages: QueueMessages;
  readonly #deduplication = new Deduplication();

  constructor(record: QueueRecord, listener: QueueListener) {
    this.#record = record;
    this.#settings = settingsOf(record.attributes);
    this.#listener = listener;
    this.#messages = new QueueMessages(this.#settings.fifo, {
      added: (message) => listener.added(record.name, message),
      delivered: (message) => listener.delivered(message),
      removed: (message) => listener.removed(message),
      available: () => listener.available(record.name),
    });
    this.#messages.setRetention(this.#settings.retention);
  }

  get record(): QueueRecord {
    return this.#record;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  /** @param attributes all of them, checked */
  setAttributes(attributes: QueueAttributes, now: number): void {
    this.#record = { ...this.#record, attributes, modifiedAt: now };
    this.#settings = settingsOf(attributes);
    this.#messages.setRetention(this.#settings.retention);
  }

  /** Takes back what was kept: its state follows from its times. */
  restore(message: Omit<Message, 'state'>, now: number): void {
    const hidden = message.receipt === undefined ? 'delayed' : 'in-flight';
    const state = message.visibleAt <= now ? 'visible' : hidden;
    this.#messages.restore({ ...message, state }, now);
  }

  restoreDeduplication(key: string, send: FirstSend): void {
    this.#deduplication.add(key, send);
  }

  /** @returns the send before that a FIFO queue takes this one for a repetition of */
  repeated(content: MessageContent, now: number): FirstSend | undefined {
    if (!this.#settings.fifo) return undefined;
    return this.#deduplication.find(deduplicationKey(content, this.#settings), now);
  }

  /** Puts in a message. */
  add(message: Message, now: number): void {
    this.#messages.add(message, now);
  }

  /** Notes that a message was sent by its sender, so that it is not taken twice. */
  deduplicate(message: Message, now: number): void {
    if (!this.#settings.fifo) return;
    const key = deduplicationKey(message, this.#settings);
    const send = { messageId: message.id, sequence: message.sequence, at: now };
    this.#deduplication.add(key, send);
    this.#listener.deduplicated(this.#record.name, key, send);
  }

  /** @throws AwsError where too many are in flight */
  receive({ most, visibility, newReceipt, deadLetters }: ReceiveOptions, now: number): Message[] {
    this.#messages.settle(now);
    const received: Message[] = [];
    for (const message of this.#messages.receivable(now)) {
      if (received.length === most) break;
      if (deadLetters !== undefined && message.receiveCount >= deadLetters.after) {
        this.#messages.remove(message, now);
        deadLetters.take(message);
        continue;
      }
      if (this.#messages.inFlight >= MOST_IN_FLIGHT) {
        if (received.length > 0) break;
        throw sqsError('OverLimit', `${MOST_IN_FLIGHT} messages are in flight.`);
      }
      message.receipt = newReceipt(message);
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      this.#messages.hide(message, now + visibility, now);
      received.push(message);
    }
    return received;
  }

  /**
   * Deletes a message, if the receipt is that of its last receive.
   *
   * @throws AwsError where the queue is FIFO and the message is not in flight any more
   */
  delete(id: string, receipt: string, now: number): void {
    this.#messages.settle(now);
    const message = this.#messages.get(id);
    if (message === undefined) return;
    const isCurrent = message.receipt === receipt;
    if (this.#settings.fifo && !(isCurrent && message.state === 'in-flight')) {
      throw invalidParameter(
        `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      );
    }
    if (isCurrent) this.#messages.remove(message, now);
  }

  /**
   * @param visibility milliseconds from now
   * @throws AwsError where the message is not in flight
   */
  changeVisibility(id: string, receipt: string, visibility: number, now: number): void {
    this.#messages.settle(now);
    const message = this.#messages.get(id);
    if (message === undefined || message.receipt !== receipt) {
      throw invalidParameter(
        `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    if (message.state !== 'in-flight') {
      throw sqsError('MessageNotInflight', `The message ${id} is not in flight.`);
    }
    this.#messages.hide(message, now + visibility, now);
    this.#messages.settle(now);
  }

  /** Makes visible all that is in flight. */
  releaseInFlight(now: number): void {
    for (const message of this.#messages.all()) {
      if (message.state === 'in-flight') this.#messages.hide(message, now, now);
    }
    this.#messages.settle(now);
  }

  purge(now: number): void {
    for (const message of this.#messages.all()) this.#messages.remove(message, now);
  }

  /** The message that would be received next. */
  next(now: number): Message | undefined {
    this.#messages.settle(now);
    const [message] = this.#messages.receivable(now);
    return message;
  }

  /** Takes a message out, for another queue to take it. */
  take(message: Message, now: number): void {
    this.#messages.remove(message, now);
  }

  /** All messages, oldest first. */
  messages(now: number): Message[] {
    this.#messages.settle(now);
    return this.#messages.all();
  }

  counts(now: number): Readonly<Record<MessageState, number>> {
    this.#messages.settle(now);
    const { delayed, visible, inFlight } = this.#messages;
    return { delayed, visible, 'in-flight': inFlight };
  }

  /** When the next message becomes visible by itself. */
  get nextVisibleAt(): number | undefined {
    return this.#messages.nextVisibleAt;
  }
}
