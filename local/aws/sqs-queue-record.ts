import type { QueueAttributes } from './sqs-attributes.ts';
import type { FirstSend } from './sqs-deduplication.ts';
import type { Message } from './sqs-message.ts';

/** The stored data of a queue beside its messages. */
export interface QueueRecord {
  readonly name: string;
  readonly arn: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly attributes: QueueAttributes;
}

/** Gets each change, in order. */
export interface QueueListener {
  added(queue: string, message: Message): void;
  /** It was received, or its visibility was changed. */
  delivered(message: Message): void;
  removed(message: Message): void;
  deduplicated(queue: string, key: string, send: FirstSend): void;
  /** There may be something to receive that was not there before. */
  available(queue: string): void;
}

/** Gets the changes of queues too. */
export interface QueuesListener extends QueueListener {
  /** The queue is new, or its attributes have changed. */
  kept(queue: QueueRecord): void;
  deleted(queue: string): void;
}
