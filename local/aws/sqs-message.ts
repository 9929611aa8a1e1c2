import { createHash } from 'node:crypto';

/** An attribute as it is on the wire: its binary value is in base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** The sender's part. */
export interface MessageContent {
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** On a FIFO queue the unit of order, on a standard queue the tenant of a fair queue. */
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/** `delayed` and `in-flight` messages become visible at their `visibleAt`. */
export type MessageState = 'delayed' | 'visible' | 'in-flight';

/** A message of a queue. Times are milliseconds since 1970. */
export interface Message extends MessageContent {
  readonly id: string;
  /** Its place among all messages of all queues. */
  readonly sequence: number;
  /** The start of its retention period. */
  readonly sentAt: number;
  /** The queue that it is a dead letter of. */
  readonly deadLetterSource?: string | undefined;
  state: MessageState;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number | undefined;
  /** The handle of the last receive. */
  receipt?: string | undefined;
}

export const LARGEST_MESSAGE = 1_048_576;

/** The octets that count against the limit: of the body and of the attributes' names, types, values. */
export function sizeOf({ body, attributes }: MessageContent): number {
  const ofAttributes = Object.entries(attributes).map(
    ([name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
  );
  return ofAttributes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}

export const md5OfBody = (body: string): string => createHash('md5').update(body).digest('hex');

/** The checksum that the developer guide describes, or undefined where there are no attributes. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return undefined;
  const hash = createHash('md5');
  const update = (value: string | Buffer): void => {
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, attribute] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { DataType, StringValue, BinaryValue } = attribute;
    update(name);
    update(DataType);
    hash.update(Buffer.of(StringValue === undefined ? 2 : 1));
    update(StringValue ?? Buffer.from(BinaryValue ?? '', 'base64'));
  }
  return hash.digest('hex');
}
