import type { AwsHandler } from './http.ts';

/** The operations that say what they consume. */
const CONSUMING = /\.(?:Batch\w+|Transact\w+|GetItem|PutItem|UpdateItem|DeleteItem|Query|Scan)$/;

/** Has DynamoDB answer each call with what it consumed, for those who observe the calls. */
export const withConsumedCapacity =
  (handle: AwsHandler): AwsHandler =>
  (request) => {
    if (!CONSUMING.test(request.headers['x-amz-target'] ?? '')) return handle(request);
    const input = JSON.parse(request.body.toString()) as object;
    const asking = JSON.stringify({ ...input, ReturnConsumedCapacity: 'INDEXES' });
    return handle({ ...request, body: Buffer.from(asking) });
  };
