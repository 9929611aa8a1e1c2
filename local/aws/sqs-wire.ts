import * as z from 'zod';
import { AwsError } from './http.ts';
import { ATTRIBUTE_NAMES } from './sqs-attributes.ts';
import { invalidParameter, sqsError } from './sqs-errors.ts';
import { md5OfAttributes, md5OfBody } from './sqs-message.ts';
import type { Message, MessageAttributes } from './sqs-message.ts';

const between = (least: number, most: number) =>
  z
    .int()
    .refine(
      (value) => value >= least && value <= most,
      `Must be between ${least} and ${most}, if provided.`,
    );

const messageAttribute = z.strictObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const send = {
  MessageBody: z.string(),
  DelaySeconds: between(0, 900).optional(),
  MessageAttributes: z.record(z.string(), messageAttribute).default({}),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
};
const systemNames = [
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
] as const;
/** AWSTraceHeader may be asked for, and is never there. */
const systemName = z.enum(['All', 'AWSTraceHeader', ...systemNames]);
const receipt = { ReceiptHandle: z.string() };
const visibility = { VisibilityTimeout: between(0, 43_200) };
const entries = { Entries: z.array(z.looseObject({ Id: z.string() })) };
const queue = { QueueUrl: z.string() };
const attributes = z.record(z.string(), z.string());

/** An entry of a batch, without its ID. */
export const batchEntries = {
  send: z.strictObject(send),
  delete: z.strictObject(receipt),
  changeVisibility: z.strictObject({ ...receipt, ...visibility }),
};

/** What each operation takes. */
export const inputs = {
  CreateQueue: z.strictObject({ QueueName: z.string(), Attributes: attributes.default({}) }),
  GetQueueUrl: z.strictObject({ QueueName: z.string() }),
  ListQueues: z.strictObject({ QueueNamePrefix: z.string().default('') }),
  ListDeadLetterSourceQueues: z.strictObject(queue),
  DeleteQueue: z.strictObject(queue),
  PurgeQueue: z.strictObject(queue),
  GetQueueAttributes: z.strictObject({
    ...queue,
    AttributeNames: z
      .array(
        z
          .string()
          .refine((name) => name === 'All' || ATTRIBUTE_NAMES.has(name), 'Unknown attribute.'),
      )
      .default([]),
  }),
  SetQueueAttributes: z.strictObject({ ...queue, Attributes: attributes }),
  SendMessage: z.strictObject({ ...queue, ...send }),
  SendMessageBatch: z.strictObject({ ...queue, ...entries }),
  ReceiveMessage: z.strictObject({
    ...queue,
    MaxNumberOfMessages: between(1, 10).default(1),
    VisibilityTimeout: visibility.VisibilityTimeout.optional(),
    WaitTimeSeconds: between(0, 20).optional(),
    AttributeNames: z.array(systemName).default([]),
    MessageSystemAttributeNames: z.array(systemName).default([]),
    MessageAttributeNames: z.array(z.string()).default([]),
  }),
  DeleteMessage: z.strictObject({ ...queue, ...receipt }),
  DeleteMessageBatch: z.strictObject({ ...queue, ...entries }),
  ChangeMessageVisibility: z.strictObject({ ...queue, ...receipt, ...visibility }),
  ChangeMessageVisibilityBatch: z.strictObject({ ...queue, ...entries }),
  StartMessageMoveTask: z.strictObject({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
    MaxNumberOfMessagesPerSecond: between(1, 500).optional(),
  }),
  CancelMessageMoveTask: z.strictObject({ TaskHandle: z.string() }),
  ListMessageMoveTasks: z.strictObject({
    SourceArn: z.string(),
    MaxResults: between(1, 10).default(1),
  }),
};
export type Operation = keyof typeof inputs;
export type Input<Name extends Operation> = z.infer<(typeof inputs)[Name]>;
export type SendInput = z.infer<typeof batchEntries.send>;

/** @throws AwsError as SQS refuses what is missing, of the wrong kind or out of range, or for a parameter that is not known */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  fields: unknown,
): z.infer<Schema> {
  const result = schema.safeParse(fields, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    throw invalidParameter(`The stand-in does not support ${issue.keys.join(', ')}.`);
  }
  if (issue?.input === undefined) {
    throw sqsError('MissingParameter', `The request must contain the parameter ${path}.`);
  }
  const value = JSON.stringify(issue.input);
  throw invalidParameter(
    `Value ${value} for parameter ${path} is invalid. Reason: ${issue.message}`,
  );
}

export const sequenceNumber = (sequence: number): string => String(sequence).padStart(20, '0');

/** A message as ReceiveMessage gives it. */
export function receivedMessage(
  message: Message,
  { accountId, names, attributeNames }: ReceivedAttributes,
): object {
  const system: Readonly<Record<(typeof systemNames)[number], string | undefined>> = {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.deadLetterSource,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    SenderId: accountId,
    SentTimestamp: String(message.sentAt),
    SequenceNumber: message.deduplicationId && sequenceNumber(message.sequence),
  };
  const wanted = systemNames.filter(
    (name) => system[name] !== undefined && (names.includes('All') || names.includes(name)),
  );
  const own = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isWanted(name, attributeNames)),
  ) satisfies MessageAttributes;
  const md5 = md5OfAttributes(own);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(wanted.length > 0 && {
      Attributes: Object.fromEntries(wanted.map((name) => [name, system[name]])),
    }),
    ...(md5 && { MessageAttributes: own, MD5OfMessageAttributes: md5 }),
  };
}

export interface ReceivedAttributes {
  readonly accountId: string;
  readonly names: readonly string[];
  readonly attributeNames: readonly string[];
}

/** `All`, `.*`, a name, or a prefix as `prefix.*`. */
const isWanted = (name: string, wanted: readonly string[]): boolean =>
  wanted.some(
    (each) =>
      each === 'All' ||
      each === name ||
      (each.endsWith('.*') && name.startsWith(each.slice(0, -'.*'.length))),
  );

const MOST_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** @throws AwsError where a batch is empty or too large, or its IDs are not fit */
export function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0) {
    throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (ids.length > MOST_ENTRIES) {
    throw sqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${ids.length}.`,
    );
  }
  if (!ids.every((id) => ENTRY_ID.test(id))) {
    throw sqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(ids).size < ids.length) {
    throw sqsError('BatchEntryIdsNotDistinct', 'Ids of the entries in the request are repeated.');
  }
}

/** What became of a batch: each entry is done, or has its own error. */
export function batchResult(
  ids: readonly string[],
  work: (index: number) => object,
): { Successful: object[]; Failed: object[] } {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const [index, Id] of ids.entries()) {
    try {
      Successful.push({ Id, ...work(index) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
