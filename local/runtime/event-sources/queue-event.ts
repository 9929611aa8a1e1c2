import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';

/** A record of the event that Lambda makes of an SQS message. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, object>>;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** Makes the record that a function gets of a message that was received with all its attributes. */
export function queueRecord(message: Message, queueArn: string): QueueRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        messageAttribute(value),
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}

const messageAttribute = ({
  StringValue,
  BinaryValue,
  DataType,
}: MessageAttributeValue): object => ({
  ...(StringValue === undefined ? {} : { stringValue: StringValue }),
  ...(BinaryValue === undefined
    ? {}
    : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/** Cuts records into runs whose events stay within a limit of bytes; a record too large by itself has a run of its own. */
export function withinPayload<Item>(items: readonly Item[], limit: number): Item[][] {
  const envelope = '{"Records":[]}'.length;
  const runs: Item[][] = [];
  let size = Infinity;
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (size + bytes > limit) {
      runs.push([]);
      size = envelope;
    }
    runs.at(-1)?.push(item);
    size += bytes;
  }
  return runs;
}
