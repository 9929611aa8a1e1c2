import type { AwsError } from './http.ts';
import type { QueueSettings } from './sqs-attributes.ts';
import { invalidParameter, sqsError } from './sqs-errors.ts';
import { LARGEST_MESSAGE, sizeOf } from './sqs-message.ts';
import type { MessageAttribute, MessageContent } from './sqs-message.ts';

const MOST_ATTRIBUTES = 10;
/** The characters that SQS's documentation allows: those of XML 1.0. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const ATTRIBUTE_NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\.[\w.-]+)?$/;
const GROUP = /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/;

/**
 * Checks what holds in every queue: the characters, the size, the attributes.
 *
 * @param largest octets that the queue takes
 * @throws AwsError as SQS refuses it
 */
export function checkContent(content: MessageContent, largest = LARGEST_MESSAGE): void {
  const { body, attributes } = content;
  if (body === '') {
    throw sqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (FORBIDDEN.test(body)) {
    throw sqsError(
      'InvalidMessageContents',
      'The message contains characters outside the allowed set.',
    );
  }
  const entries = Object.entries(attributes);
  if (entries.length > MOST_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
  if (sizeOf(content) > largest) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${largest} bytes.`,
    );
  }
}

function checkAttribute(name: string, attribute: MessageAttribute): void {
  const { DataType, StringValue, BinaryValue } = attribute;
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidParameter(`The message attribute name '${name}' is invalid.`);
  }
  const [, kind] = DATA_TYPE.exec(DataType) ?? [];
  if (kind === undefined) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const [value, other] =
    kind === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  const isNumber = kind !== 'Number' || Number.isFinite(Number(value));
  if (!value || other !== undefined || !isNumber || FORBIDDEN.test(StringValue ?? '')) {
    throw invalidParameter(
      `The message attribute '${name}' must contain a valid value for its type ${DataType}.`,
    );
  }
}

/**
 * Checks what only one kind of queue takes, and what a FIFO queue needs.
 *
 * @param delay milliseconds that the message alone is to be delayed
 * @throws AwsError as SQS refuses it
 */
export function checkOrder(
  { groupId, deduplicationId }: MessageContent,
  settings: QueueSettings,
  delay: number | undefined,
): void {
  for (const [name, value] of Object.entries({ groupId, deduplicationId })) {
    if (value === undefined || GROUP.test(value)) continue;
    const parameter = name === 'groupId' ? 'MessageGroupId' : 'MessageDeduplicationId';
    throw invalidParameter(
      `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  if (!settings.fifo) {
    if (deduplicationId !== undefined) throw wrongType(deduplicationId, 'MessageDeduplicationId');
    return;
  }
  if (delay !== undefined) throw wrongType(delay / 1000, 'DelaySeconds');
  if (groupId === undefined) {
    throw sqsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  if (deduplicationId === undefined && !settings.contentBasedDeduplication) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

const wrongType = (value: unknown, parameter: string): AwsError =>
  invalidParameter(
    `Value ${String(value)} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
  );
