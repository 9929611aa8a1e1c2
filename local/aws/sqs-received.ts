import { md5OfAttributes, md5OfBody } from './sqs-message.ts';
import type { Message, MessageAttributes } from './sqs-message.ts';

/** The attributes that SQS gives messages. */
export const SYSTEM_ATTRIBUTES = [
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
] as const;

export const sequenceNumber = (sequence: number): string => String(sequence).padStart(20, '0');

/** A message as ReceiveMessage gives it. */
export function receivedMessage(
  message: Message,
  { accountId, names, attributeNames }: ReceivedAttributes,
): object {
  const system: Readonly<Record<(typeof SYSTEM_ATTRIBUTES)[number], string | undefined>> = {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.deadLetterSource,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    SenderId: accountId,
    SentTimestamp: String(message.sentAt),
    SequenceNumber: message.deduplicationId && sequenceNumber(message.sequence),
  };
  const wanted = SYSTEM_ATTRIBUTES.filter(
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
