import type { Message, MessageContent } from './sqs-message.ts';
import type { Queue } from './sqs-queue.ts';

/** Makes messages, numbered in the order in which they come into a queue of the account. */
export class NewMessages {
  readonly #newId: () => string;
  #sequence: number;

  constructor(newId: () => string, firstSequence: number) {
    this.#newId = newId;
    this.#sequence = firstSequence;
  }

  /** A message without receives. */
  of(content: MessageContent, now: number, visibleAt: number): Message {
    return {
      ...content,
      id: this.#newId(),
      sequence: this.#sequence++,
      sentAt: now,
      state: visibleAt > now ? 'delayed' : 'visible',
      visibleAt,
      receiveCount: 0,
    };
  }

  /**
   * A message as it comes into the queue for dead letters. That of a standard queue keeps its age;
   * that of a FIFO queue gets a new one, and its message ID for deduplication.
   *
   * @param source ARN of the queue that it was received from
   */
  deadLetter(message: Message, source: string, target: Queue, now: number): Message {
    const { receipt: _, ...rest } = message;
    const renewed = target.settings.fifo ? { sentAt: now, deduplicationId: message.id } : {};
    return {
      ...rest,
      ...renewed,
      deadLetterSource: source,
      sequence: this.#sequence++,
      state: 'visible',
      visibleAt: now,
    };
  }
}
