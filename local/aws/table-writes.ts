import type { AwsHandler } from './http.ts';

/** The operations of DynamoDB and its streams that change no table. */
const READS =
  /\.(?:BatchGetItem|TransactGetItems|GetItem|Query|Scan|GetRecords|GetShardIterator|Describe\w+|List\w+)$/;

/** Counts the calls that may have changed a table: only after one of them is there more in a stream. */
export class TableWrites {
  #count = 0;

  /** The number of such calls that have ended. */
  get count(): number {
    return this.#count;
  }

  /** Returns the same handler, with its calls counted. */
  counting(handle: AwsHandler): AwsHandler {
    return async (request) => {
      try {
        return await handle(request);
      } finally {
        // Also one that failed may have written.
        if (!READS.test(request.headers['x-amz-target'] ?? '')) this.#count += 1;
      }
    };
  }
}
