import { sqsError } from './sqs-errors.ts';

/** A receipt handle, from which the message can be found again. */
export const receiptOf = (messageId: string, unique: string): string =>
  Buffer.from(`${messageId} ${unique}`).toString('base64url');

/** @throws AwsError where it is no receipt handle */
export function messageIdOf(receipt: string): string {
  const [id, unique] = Buffer.from(receipt, 'base64url').toString().split(' ');
  if (id && unique) return id;
  throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not valid.`);
}
