import { invalidParameter, sqsError } from './sqs-errors.ts';
import { LARGEST_MESSAGE } from './sqs-message.ts';

/** Attributes of a queue as they are on the wire. */
export type QueueAttributes = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The parsed attributes, times in milliseconds. */
export interface QueueSettings {
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
  readonly delay: number;
  readonly visibility: number;
  readonly wait: number;
  readonly retention: number;
  /** Octets. */
  readonly largestMessage: number;
  readonly redrive?: RedrivePolicy;
}

const integer = (least: number, most: number) => (value: string) =>
  /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value);

const CHANGEABLE: Readonly<Record<string, (value: string) => boolean>> = {
  DelaySeconds: integer(0, 900),
  MaximumMessageSize: integer(1024, LARGEST_MESSAGE),
  MessageRetentionPeriod: integer(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: integer(0, 20),
  RedrivePolicy: (value) => value === '' || parseRedrive(value) !== undefined,
  SqsManagedSseEnabled: oneOf('true', 'false'),
  VisibilityTimeout: integer(0, 43_200),
};
const FIFO_ONLY: Readonly<Record<string, (value: string) => boolean>> = {
  ContentBasedDeduplication: oneOf('true', 'false'),
  DeduplicationScope: oneOf('queue', 'messageGroup'),
  FifoThroughputLimit: oneOf('perQueue', 'perMessageGroupId'),
};
const DEFAULTS: QueueAttributes = {
  DelaySeconds: '0',
  MaximumMessageSize: String(LARGEST_MESSAGE),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};
const FIFO_DEFAULTS: QueueAttributes = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoQueue: 'true',
  FifoThroughputLimit: 'perQueue',
};
const COUNTED = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
];

/** The attribute names of GetQueueAttributes. */
export const ATTRIBUTE_NAMES: ReadonlySet<string> = new Set(
  COUNTED.concat(Object.keys(CHANGEABLE), Object.keys(FIFO_DEFAULTS)),
);

const NAME = /^[\w-]{1,80}$/;
const FIFO_NAME = /^(?=.{6,80}$)[\w-]+\.fifo$/;

function parseRedrive(value: string): RedrivePolicy | undefined {
  try {
    const { deadLetterTargetArn, maxReceiveCount, ...rest } = JSON.parse(value) as Record<
      string,
      unknown
    >;
    const receives = Number(maxReceiveCount);
    if (typeof deadLetterTargetArn !== 'string' || Object.keys(rest).length > 0) return undefined;
    if (!Number.isInteger(receives) || receives < 1 || receives > 1000) return undefined;
    return { deadLetterTargetArn, maxReceiveCount: receives };
  } catch {
    // Invalid JSON is no policy.
    return undefined;
  }
}

/**
 * Checks a new queue's name and attributes, and adds the defaults.
 *
 * @throws AwsError as SQS refuses them
 */
export function newAttributes(name: string, given: QueueAttributes): QueueAttributes {
  const { FifoQueue, ...rest } = given;
  const fifo = FifoQueue === 'true';
  if (FifoQueue !== undefined && !fifo) {
    // SQS takes no `false`: a queue without the attribute is a standard queue.
    throw sqsError('InvalidAttributeValue', 'Invalid value for the parameter FifoQueue.');
  }
  if (!(fifo ? FIFO_NAME : NAME).test(name)) {
    throw invalidParameter(
      `Queue name ${name} is invalid: can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length, and ends with .fifo where the queue is FIFO.`,
    );
  }
  return changedAttributes({ ...DEFAULTS, ...(fifo && FIFO_DEFAULTS) }, rest);
}

/**
 * Checks changes of a queue's attributes and makes them.
 *
 * @throws AwsError as SQS refuses them
 */
export function changedAttributes(
  attributes: QueueAttributes,
  changes: QueueAttributes,
): QueueAttributes {
  const fifo = attributes['FifoQueue'] === 'true';
  for (const [name, value] of Object.entries(changes)) {
    const isValid = CHANGEABLE[name] ?? (fifo ? FIFO_ONLY[name] : undefined);
    if (isValid === undefined) throw sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (!isValid(value)) {
      throw sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
    }
  }
  const changed = { ...attributes, ...changes };
  if (
    changed['FifoThroughputLimit'] === 'perMessageGroupId' &&
    changed['DeduplicationScope'] !== 'messageGroup'
  ) {
    throw sqsError(
      'InvalidAttributeValue',
      'FifoThroughputLimit perMessageGroupId needs the DeduplicationScope messageGroup.',
    );
  }
  const { RedrivePolicy, ...rest } = changed;
  return RedrivePolicy ? changed : rest;
}

/** Reads attributes that were checked. */
export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const milliseconds = (name: string): number => Number(attributes[name]) * 1000;
  const redrive = parseRedrive(attributes['RedrivePolicy'] ?? '');
  return {
    fifo: attributes['FifoQueue'] === 'true',
    contentBasedDeduplication: attributes['ContentBasedDeduplication'] === 'true',
    deduplicationScope:
      attributes['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue',
    delay: milliseconds('DelaySeconds'),
    visibility: milliseconds('VisibilityTimeout'),
    wait: milliseconds('ReceiveMessageWaitTimeSeconds'),
    retention: milliseconds('MessageRetentionPeriod'),
    largestMessage: Number(attributes['MaximumMessageSize']),
    ...(redrive && { redrive }),
  };
}
