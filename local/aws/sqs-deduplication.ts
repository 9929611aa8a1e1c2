import { createHash } from 'node:crypto';
import type { QueueSettings } from './sqs-attributes.ts';
import type { MessageContent } from './sqs-message.ts';

/** The send that a deduplication ID refers to. */
export interface FirstSend {
  readonly messageId: string;
  readonly sequence: number;
  readonly at: number;
}

/** For so long a deduplication ID refers to its first send. */
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

/** Without an ID of its own a message is identified by its body. */
export const withDeduplicationId = (content: MessageContent): MessageContent => ({
  ...content,
  deduplicationId:
    content.deduplicationId ?? createHash('sha256').update(content.body).digest('hex'),
});

/** The common key of repetitions of a send. */
export const deduplicationKey = (
  { groupId = '', deduplicationId = '' }: MessageContent,
  { deduplicationScope }: Pick<QueueSettings, 'deduplicationScope'>,
): string => (deduplicationScope === 'queue' ? deduplicationId : `${groupId} ${deduplicationId}`);
