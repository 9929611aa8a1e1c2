import { type Disorder, Queues } from '../../../local/aws/sqs-queues.ts';
import type { Message } from '../../../local/aws/sqs-message.ts';

const PREFIX = 'arn:aws:sqs:eu-central-1:000000000000:';

const nothing = (): void => {};

/** Queues with a clock that is set by hand, and without anything below them. */
export class QueuesHarness {
  now = 1_800_000_000_000;
  readonly queues: Queues;
  #id = 0;

  constructor(disorder?: Disorder) {
    this.queues = new Queues({
      arnPrefix: PREFIX,
      listener: {
        kept: nothing,
        deleted: nothing,
        added: nothing,
        delivered: nothing,
        removed: nothing,
        deduplicated: nothing,
        available: nothing,
      },
      newId: () => String((this.#id += 1)),
      firstSequence: 1,
      disorder,
    });
  }

  arn(name: string): string {
    return PREFIX + name;
  }

  create(name: string, attributes: Record<string, string> = {}): void {
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    this.queues.create(name, { ...fifo, ...attributes }, this.now);
  }

  /** Makes a queue whose dead letters go to another one. */
  createWithDeadLetters(
    name: string,
    deadLetterQueue: string,
    maxReceiveCount: number,
    attributes: Record<string, string> = {},
  ): void {
    const deadLetterTargetArn = this.arn(deadLetterQueue);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    this.create(name, { ...attributes, RedrivePolicy });
  }

  /** @param delay milliseconds */
  send(name: string, body: string, groupId?: string, delay?: number): string {
    const deduplicationId = name.endsWith('.fifo') ? `of-${body}` : undefined;
    const content = { body, attributes: {}, groupId, deduplicationId };
    return this.queues.send(name, content, { delay }, this.now).messageId;
  }

  /** @param visibility milliseconds */
  receive(name: string, most = 10, visibility?: number): Message[] {
    const messages = this.queues.receive(name, most, visibility, this.now);
    // As they are now: the queue goes on with its own.
    return messages.map((message) => ({ ...message }));
  }

  bodies(name: string, most = 10, visibility?: number): string[] {
    return this.receive(name, most, visibility).map(({ body }) => body);
  }

  delete(name: string, { receipt = '' }: Message): void {
    this.queues.deleteMessage(name, receipt, this.now);
  }

  changeVisibility(name: string, { receipt = '' }: Message, milliseconds: number): void {
    this.queues.changeVisibility(name, receipt, milliseconds, this.now);
  }

  /** The bodies of all messages of a queue. */
  all(name: string): string[] {
    return this.queues
      .named(name)
      .messages(this.now)
      .map(({ body }) => body);
  }
}
