import * as z from 'zod';
import { ATTRIBUTE_NAMES } from './sqs-attributes.ts';
import { invalidParameter, sqsError } from './sqs-errors.ts';
import { SYSTEM_ATTRIBUTES } from './sqs-received.ts';

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
/** AWSTraceHeader may be asked for, and is never there. */
const systemName = z.enum(['All', 'AWSTraceHeader', ...SYSTEM_ATTRIBUTES]);
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

/** The parameters of each operation. */
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
