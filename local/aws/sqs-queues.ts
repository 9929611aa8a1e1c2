import { changedAttributes, newAttributes, settingsOf } from './sqs-attributes.ts';
import type { QueueAttributes } from './sqs-attributes.ts';
import { withDeduplicationId } from './sqs-deduplication.ts';
import { invalidParameter, sqsError } from './sqs-errors.ts';
import type { Message, MessageContent } from './sqs-message.ts';
import { NewMessages } from './sqs-new-messages.ts';
import { Queue } from './sqs-queue.ts';
import type { QueueRecord, QueuesListener } from './sqs-queue-record.ts';
import { messageIdOf, receiptOf } from './sqs-receipts.ts';
import { checkContent, checkOrder } from './sqs-send-checks.ts';

export interface QueuesOptions {
  /** The prefix that makes a name its ARN: `arn:aws:sqs:eu-west-1:000000000000:`. */
  readonly arnPrefix: string;
  readonly listener: QueuesListener;
  /** Makes the IDs of messages and what distinguishes one receipt from another. */
  readonly newId: () => string;
  /** Numbers messages from here on. */
  readonly firstSequence: number;
  readonly disorder?: Disorder | undefined;
}

/**
 * What SQS does not promise of a standard queue: that a message comes once, and in its turn. Asked for
 * each message that is sent.
 */
export interface Disorder {
  /** Returns true if the message comes twice. */
  readonly isDoubled: () => boolean;
  /** Returns the milliseconds by which it comes late, so that others overtake it; mostly 0. */
  readonly lateBy: () => number;
}

export interface SendOptions {
  /** Milliseconds; the queue's where it is absent. */
  readonly delay?: number | undefined;
}

/** The message that a send made, or that an earlier send of the same had made. */
export interface Sent {
  readonly messageId: string;
  readonly sequence: number;
}

const PURGE_PAUSE_MS = 60_000;

/** All queues of an account, and what goes from one to another. Times are milliseconds since 1970. */
export class Queues {
  readonly #options: QueuesOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #purgedAt = new Map<string, number>();
  readonly #newMessages: NewMessages;

  constructor(options: QueuesOptions) {
    this.#options = options;
    this.#newMessages = new NewMessages(options.newId, options.firstSequence);
  }

  /** @throws AwsError where there is no such queue */
  named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue !== undefined) return queue;
    throw sqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  find(arn: string): Queue | undefined {
    const { arnPrefix } = this.#options;
    return arn.startsWith(arnPrefix) ? this.#queues.get(arn.slice(arnPrefix.length)) : undefined;
  }

  all(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** Takes back a queue that was kept. */
  restore(record: QueueRecord): Queue {
    const queue = new Queue(record, this.#options.listener);
    this.#queues.set(record.name, queue);
    return queue;
  }

  /** Makes a queue; one of that name with the same attributes is there already. @throws AwsError */
  create(name: string, given: QueueAttributes, now: number): void {
    const attributes = newAttributes(name, given);
    const known = this.#queues.get(name);
    if (known !== undefined) {
      const differs = Object.keys(given).some(
        (key) => known.record.attributes[key] !== attributes[key],
      );
      if (!differs) return;
      throw sqsError(
        'QueueNameExists',
        'A queue already exists with the same name and a different value for some attribute.',
      );
    }
    const arn = this.#options.arnPrefix + name;
    const record = { name, arn, createdAt: now, modifiedAt: now, attributes };
    this.#checkRedrive(record);
    this.#options.listener.kept(this.restore(record).record);
  }

  /** @throws AwsError */
  setAttributes(name: string, changes: QueueAttributes, now: number): void {
    const queue = this.named(name);
    const attributes = changedAttributes(queue.record.attributes, changes);
    this.#checkRedrive({ ...queue.record, attributes });
    queue.setAttributes(attributes, now);
    this.#options.listener.kept(queue.record);
  }

  /** @throws AwsError where there is no such queue */
  delete(name: string): void {
    this.named(name);
    this.#queues.delete(name);
    this.#options.listener.deleted(name);
  }

  /** @throws AwsError where there is no such queue, or it was purged less than a minute ago */
  purge(name: string, now: number): void {
    const queue = this.named(name);
    if (now - (this.#purgedAt.get(name) ?? -Infinity) < PURGE_PAUSE_MS) {
      throw sqsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
      );
    }
    this.#purgedAt.set(name, now);
    queue.purge(now);
  }

  /** @throws AwsError where the queue does not take the message */
  send(name: string, given: MessageContent, { delay }: SendOptions, now: number): Sent {
    const queue = this.named(name);
    checkContent(given, queue.settings.largestMessage);
    checkOrder(given, queue.settings, delay);
    const content = queue.settings.fifo ? withDeduplicationId(given) : given;
    const first = queue.repeated(content, now);
    if (first !== undefined) return first;
    const visibleAt = now + (delay ?? queue.settings.delay);
    const disorder = queue.settings.fifo ? undefined : this.#options.disorder;
    const add = (): Message => {
      const late = visibleAt + (disorder?.lateBy() ?? 0);
      const message = this.#newMessages.of(content, now, late);
      queue.add(message, now);
      return message;
    };
    const message = add();
    queue.deduplicate(message, now);
    if (disorder?.isDoubled() === true) add();
    return { messageId: message.id, sequence: message.sequence };
  }

  /**
   * Receives messages, and makes dead letters of those that were received often enough.
   *
   * @param visibility milliseconds; the queue's where it is absent
   * @throws AwsError
   */
  receive(name: string, most: number, visibility: number | undefined, now: number): Message[] {
    const queue = this.named(name);
    const { redrive } = queue.settings;
    const target = redrive && this.find(redrive.deadLetterTargetArn);
    return queue.receive(
      {
        most,
        visibility: visibility ?? queue.settings.visibility,
        newReceipt: ({ id }) => receiptOf(id, this.#options.newId()),
        ...(redrive &&
          target && {
            deadLetters: {
              after: redrive.maxReceiveCount,
              take: (message) =>
                target.add(
                  this.#newMessages.deadLetter(message, queue.record.arn, target, now),
                  now,
                ),
            },
          }),
      },
      now,
    );
  }

  /** @throws AwsError */
  deleteMessage(name: string, receipt: string, now: number): void {
    this.named(name).delete(messageIdOf(receipt), receipt, now);
  }

  /** @throws AwsError */
  changeVisibility(name: string, receipt: string, visibility: number, now: number): void {
    this.named(name).changeVisibility(messageIdOf(receipt), receipt, visibility, now);
  }

  /** The queues whose dead letters go to this one. */
  deadLetterSources(arn: string): Queue[] {
    return this.all().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn);
  }

  /** Puts a dead letter into a queue as a new message. */
  redrive({ body, attributes, groupId, deduplicationId }: Message, to: Queue, now: number): void {
    to.add(this.#newMessages.of({ body, attributes, groupId, deduplicationId }, now, now), now);
  }

  #checkRedrive({ arn, attributes }: QueueRecord): void {
    const { redrive, fifo } = settingsOf(attributes);
    if (redrive === undefined) return;
    const target = this.find(redrive.deadLetterTargetArn);
    if (target !== undefined && target.record.arn !== arn && target.settings.fifo === fifo) return;
    throw invalidParameter(
      `Value ${redrive.deadLetterTargetArn} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist, or is of the other type.`,
    );
  }
}
