import { AwsError } from './http.ts';

const PREFIX = 'AWS.SimpleQueueService.';
/** The codes that the Query protocol had for what the JSON protocol calls otherwise. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: `${PREFIX}BatchEntryIdsNotDistinct`,
  BatchRequestTooLong: `${PREFIX}BatchRequestTooLong`,
  EmptyBatchRequest: `${PREFIX}EmptyBatchRequest`,
  InvalidBatchEntryId: `${PREFIX}InvalidBatchEntryId`,
  MessageNotInflight: `${PREFIX}MessageNotInflight`,
  PurgeQueueInProgress: `${PREFIX}PurgeQueueInProgress`,
  QueueDoesNotExist: `${PREFIX}NonExistentQueue`,
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: `${PREFIX}TooManyEntriesInBatchRequest`,
  UnsupportedOperation: `${PREFIX}UnsupportedOperation`,
};
const STATUSES: Readonly<Record<string, number>> = {
  OverLimit: 403,
  PurgeQueueInProgress: 403,
  ReceiptHandleIsInvalid: 404,
  ResourceNotFoundException: 404,
};

/** An error by the name that SQS's API model gives it. */
export const sqsError = (name: string, message: string): AwsError =>
  new AwsError(name, message, STATUSES[name] ?? 400);

export const invalidParameter = (message: string): AwsError =>
  sqsError('InvalidParameterValue', message);

/** The header `x-amzn-query-error` of an error, which SDK clients show as its code. */
export const queryErrorOf = ({ code, status }: AwsError): string =>
  `${QUERY_CODES[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`;
