import { ATTRIBUTE_NAMES } from './sqs-attributes.ts';
import { batchResult, checkBatch } from './sqs-batch.ts';
import { sqsError } from './sqs-errors.ts';
import { LARGEST_MESSAGE, md5OfAttributes, md5OfBody, sizeOf } from './sqs-message.ts';
import type { MessageContent } from './sqs-message.ts';
import type { MoveTask, MoveTasks } from './sqs-moves.ts';
import type { Queue } from './sqs-queue.ts';
import type { Queues } from './sqs-queues.ts';
import { sequenceNumber } from './sqs-received.ts';
import { batchEntries, parseInput } from './sqs-wire.ts';
import type { Input, Operation, SendInput } from './sqs-wire.ts';

export interface OperationContext {
  readonly queues: Queues;
  readonly moves: MoveTasks;
  readonly newId: () => string;
  /** Makes the URL of a queue as the caller knows it. */
  readonly urlOf: (name: string) => string;
  readonly now: number;
}

/** All but ReceiveMessage, which waits. */
export type ImmediateOperation = Exclude<Operation, 'ReceiveMessage'>;
type Operations = {
  readonly [Name in ImmediateOperation]: (input: Input<Name>, context: OperationContext) => object;
};

/** The queue that a URL names. */
export const nameOf = (queueUrl: string): string => queueUrl.split('/').at(-1) ?? '';

const contentOf = (input: SendInput): MessageContent => ({
  body: input.MessageBody,
  attributes: input.MessageAttributes,
  groupId: input.MessageGroupId,
  deduplicationId: input.MessageDeduplicationId,
});

function send(name: string, input: SendInput, { queues, now }: OperationContext): object {
  const content = contentOf(input);
  const delay = input.DelaySeconds === undefined ? undefined : input.DelaySeconds * 1000;
  const { messageId, sequence } = queues.send(name, content, { delay }, now);
  const md5 = md5OfAttributes(content.attributes);
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5OfBody(content.body),
    ...(md5 && { MD5OfMessageAttributes: md5 }),
    ...(queues.named(name).settings.fifo && { SequenceNumber: sequenceNumber(sequence) }),
  };
}

function batch<Name extends keyof typeof batchEntries>(
  kind: Name,
  given: readonly { readonly Id: string }[],
  work: (entry: ReturnType<(typeof batchEntries)[Name]['parse']>) => object,
): object {
  const ids = given.map(({ Id }) => Id);
  checkBatch(ids);
  return batchResult(ids, (index) => {
    const { Id: _, ...fields } = given[index] as { Id: string };
    return work(parseInput(batchEntries[kind], fields) as Parameters<typeof work>[0]);
  });
}

function checkBatchSize(entries: readonly object[]): void {
  const sizes = entries.map((entry) => {
    const { MessageBody = '', MessageAttributes = {} } = entry as Partial<SendInput>;
    return sizeOf({ body: MessageBody, attributes: MessageAttributes });
  });
  const size = sizes.reduce((sum, each) => sum + each, 0);
  if (size <= LARGEST_MESSAGE) return;
  throw sqsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${LARGEST_MESSAGE} bytes. You have sent ${size} bytes.`,
  );
}

const seconds = (time: number): string => String(Math.floor(time / 1000));

function attributesOf(queue: Queue, names: readonly string[], now: number): object {
  const { arn, createdAt, modifiedAt, attributes } = queue.record;
  const counts = queue.counts(now);
  const all: Readonly<Record<string, string>> = {
    ...attributes,
    QueueArn: arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    ApproximateNumberOfMessagesNotVisible: String(counts['in-flight']),
    CreatedTimestamp: seconds(createdAt),
    LastModifiedTimestamp: seconds(modifiedAt),
  };
  const wanted = names.includes('All') ? [...ATTRIBUTE_NAMES] : names;
  const found = wanted.flatMap((name) => (name in all ? [[name, all[name]] as const] : []));
  return found.length === 0 ? {} : { Attributes: Object.fromEntries(found) };
}

const taskResult = (task: MoveTask): object => ({
  ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
  Status: task.status,
  SourceArn: task.sourceArn,
  DestinationArn: task.destinationArn,
  MaxNumberOfMessagesPerSecond: task.messagesPerSecond,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failureReason,
  StartedTimestamp: task.startedAt,
});

/** The effects and answers of each operation. */
export const operations: Operations = {
  CreateQueue({ QueueName, Attributes }, { queues, urlOf, now }) {
    queues.create(QueueName, Attributes, now);
    return { QueueUrl: urlOf(QueueName) };
  },
  GetQueueUrl({ QueueName }, { queues, urlOf }) {
    return { QueueUrl: urlOf(queues.named(QueueName).record.name) };
  },
  ListQueues({ QueueNamePrefix }, { queues, urlOf }) {
    const names = queues.all().map(({ record }) => record.name);
    const found = names.filter((name) => name.startsWith(QueueNamePrefix));
    return found.length === 0 ? {} : { QueueUrls: found.map(urlOf) };
  },
  ListDeadLetterSourceQueues({ QueueUrl }, { queues, urlOf }) {
    const { arn } = queues.named(nameOf(QueueUrl)).record;
    return { queueUrls: queues.deadLetterSources(arn).map(({ record }) => urlOf(record.name)) };
  },
  DeleteQueue({ QueueUrl }, { queues }) {
    queues.delete(nameOf(QueueUrl));
    return {};
  },
  PurgeQueue({ QueueUrl }, { queues, now }) {
    queues.purge(nameOf(QueueUrl), now);
    return {};
  },
  GetQueueAttributes({ QueueUrl, AttributeNames }, { queues, now }) {
    return attributesOf(queues.named(nameOf(QueueUrl)), AttributeNames, now);
  },
  SetQueueAttributes({ QueueUrl, Attributes }, { queues, now }) {
    queues.setAttributes(nameOf(QueueUrl), Attributes, now);
    return {};
  },
  SendMessage({ QueueUrl, ...input }, context) {
    return send(nameOf(QueueUrl), input, context);
  },
  SendMessageBatch({ QueueUrl, Entries }, context) {
    const { record } = context.queues.named(nameOf(QueueUrl));
    checkBatchSize(Entries);
    return batch('send', Entries, (entry) => send(record.name, entry, context));
  },
  DeleteMessage({ QueueUrl, ReceiptHandle }, { queues, now }) {
    queues.deleteMessage(nameOf(QueueUrl), ReceiptHandle, now);
    return {};
  },
  DeleteMessageBatch({ QueueUrl, Entries }, { queues, now }) {
    const { record } = queues.named(nameOf(QueueUrl));
    return batch('delete', Entries, ({ ReceiptHandle }) => {
      queues.deleteMessage(record.name, ReceiptHandle, now);
      return {};
    });
  },
  ChangeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }, { queues, now }) {
    queues.changeVisibility(nameOf(QueueUrl), ReceiptHandle, VisibilityTimeout * 1000, now);
    return {};
  },
  ChangeMessageVisibilityBatch({ QueueUrl, Entries }, { queues, now }) {
    const { record } = queues.named(nameOf(QueueUrl));
    return batch('changeVisibility', Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
      queues.changeVisibility(record.name, ReceiptHandle, VisibilityTimeout * 1000, now);
      return {};
    });
  },
  StartMessageMoveTask(input, { moves, newId, now }) {
    const task = {
      sourceArn: input.SourceArn,
      destinationArn: input.DestinationArn,
      messagesPerSecond: input.MaxNumberOfMessagesPerSecond,
    };
    return { TaskHandle: moves.start(task, newId(), now) };
  },
  CancelMessageMoveTask({ TaskHandle }, { moves }) {
    return { ApproximateNumberOfMessagesMoved: moves.cancel(TaskHandle) };
  },
  ListMessageMoveTasks({ SourceArn, MaxResults }, { moves }) {
    return { Results: moves.of(SourceArn).slice(0, MaxResults).map(taskResult) };
  },
};

/** @throws AwsError where the name is of no operation */
export function operationOf(name: string): Operation {
  if (name === 'ReceiveMessage' || Object.hasOwn(operations, name)) return name as Operation;
  throw sqsError('UnknownOperationException', `The SQS stand-in has no ${name}.`);
}
