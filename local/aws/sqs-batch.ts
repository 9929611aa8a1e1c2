import { AwsError } from './http.ts';
import { sqsError } from './sqs-errors.ts';

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

/** The results of a batch: each entry is done, or has its own error. */
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
