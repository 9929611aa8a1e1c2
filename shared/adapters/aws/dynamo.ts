import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  paginateQuery,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type QueryCommandInput,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { Conflict, Refusal, Throttled } from '#shared/core/model/errors.ts';
import { DAY_SECONDS } from '#shared/core/time.ts';
import { inBatches } from './batches.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { requestTimeouts } from './request-timeouts.ts';

/**
 * The document client that every adapter uses. Undefined attributes are left out of items, so that
 * an optional field that is absent in a type is absent in the table.
 */
export function documentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    requestHandler: requestTimeouts(),
    ...config,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** One write of a transaction, in the form of `TransactWriteCommand`. */
export type TransactWrite = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

type Item = Record<string, unknown>;

/** Returns true if DynamoDB refused a conditional write because its condition did not hold. */
export const isConditionFailed = (error: unknown): error is ConditionalCheckFailedException =>
  error instanceof ConditionalCheckFailedException;

/** Returns true if DynamoDB refused a plain write since a transaction was at its item. */
export const isTransactionConflict = (error: unknown): boolean =>
  errorName(error) === 'TransactionConflictException';

/**
 * Returns why DynamoDB cancelled a transaction, one code for each of its writes, in order: `None`,
 * `ConditionalCheckFailed`, `TransactionConflict`, `ThrottlingError` ...; undefined for any other
 * error.
 */
export function cancellationCodes(error: unknown): string[] | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  return (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
}

/**
 * Puts an item where there is none of its key.
 *
 * @param keyName an attribute of the key
 * @returns false where there is one, which stays
 */
export async function putIfNew(
  client: DynamoDBDocumentClient,
  table: string,
  item: object,
  keyName: string,
): Promise<boolean> {
  try {
    await client.send(
      new PutCommand({
        TableName: table,
        Item: { ...item },
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': keyName },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

const throttlingNames = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/**
 * Runs a conditional write and names its failures as ports do.
 *
 * @param what the thing written, for the message: `claim example.com`
 * @throws Conflict where the condition did not hold or another transaction was at the item
 * @throws Throttled where DynamoDB still throttles after the SDK's own retries
 */
export async function conditionally<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isConditionFailed(error) || isTransactionConflict(error)) {
      throw new Conflict(what);
    }
    const codes = cancellationCodes(error);
    if (codes?.includes('ConditionalCheckFailed')) throw new Conflict(what);
    if (throttlingNames.has(errorName(error)) || codes?.some(isThrottleCode)) {
      throw new Throttled(`DynamoDB, writing ${what},`, { cause: error });
    }
    throw error;
  }
}

const isThrottleCode = (code: string) =>
  code === 'ThrottlingError' || code === 'ProvisionedThroughputExceeded';

const errorName = (error: unknown) => (error instanceof Error ? error.name : '');

/**
 * Writes all or nothing. A `TransactionConflict`, which the SDK does not retry, is tried again with
 * growing, jittered pauses, at most 10 times over about 4 s.
 *
 * @param onConditionFailed gets the indexes of the writes whose condition did not hold; throws what
 * they mean, or returns to have the whole be a Conflict
 * @throws Conflict where a condition did not hold
 * @throws Refusal `busy` where others were at the same items each time
 * @throws Throttled
 */
export async function transact(
  client: DynamoDBDocumentClient,
  what: string,
  writes: readonly TransactWrite[],
  onConditionFailed: (failed: readonly number[]) => void = () => {},
): Promise<void> {
  const command = { TransactItems: [...writes] };
  try {
    await retry({ ...retryLimits.contended, on: metAnother }, () =>
      client.send(new TransactWriteCommand(command)),
    );
  } catch (error) {
    const failed = (cancellationCodes(error) ?? []).flatMap((code, index) =>
      code === 'ConditionalCheckFailed' ? [index] : [],
    );
    if (failed.length > 0) {
      onConditionFailed(failed);
      throw new Conflict(what);
    }
    if (metAnother(error)) {
      throw new Refusal('busy', `Too many requests change ${what} at once; try again.`, 1);
    }
    return conditionally(what, () => Promise.reject(error));
  }
}

/** Returns true if a transaction only met another one, with every condition met. */
function metAnother(error: unknown): boolean {
  const codes = cancellationCodes(error) ?? [];
  return codes.includes('TransactionConflict') && !codes.includes('ConditionalCheckFailed');
}

const KEYS_PER_BATCH = 100;

/**
 * Reads items by key, each key once, in as few `BatchGetItem` calls as the limit of 100 keys
 * allows. Asks again for what DynamoDB left unprocessed.
 *
 * @returns the items that exist, in no particular order
 * @throws Throttled where keys stay unprocessed
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Record<string, string>[],
  { consistent }: { consistent: boolean },
): Promise<Item[]> {
  const distinct = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  const items: Item[] = [];
  await inBatches<Item>(distinct, KEYS_PER_BATCH, async (part) => {
    const request = { [table]: { Keys: [...part], ConsistentRead: consistent } };
    const answer = await client.send(new BatchGetCommand({ RequestItems: request }));
    items.push(...(answer.Responses?.[table] ?? []));
    const entries = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (entries.length === 0) return undefined;
    return { entries, error: new Throttled(`DynamoDB, reading ${table},`) };
  });
  return items;
}

/**
 * Reads the items that a query finds, page by page: DynamoDB ends a page at 1 MB.
 *
 * @param most items to read; all where absent
 */
export async function queryAll(
  client: DynamoDBDocumentClient,
  query: QueryCommandInput,
  most = Infinity,
): Promise<Item[]> {
  const items: Item[] = [];
  const pageSize = most === Infinity ? {} : { pageSize: most };
  for await (const { Items = [] } of paginateQuery({ client, ...pageSize }, query)) {
    items.push(...Items);
    if (items.length >= most) return items.slice(0, most);
  }
  return items;
}

/**
 * Returns when DynamoDB may delete an item, for its attribute `expiresAt`.
 *
 * @param time ISO 8601, or epoch milliseconds
 * @returns epoch seconds
 */
export const expiresAfter = (time: string | number, days: number): number =>
  Math.floor(new Date(time).getTime() / 1_000) + days * DAY_SECONDS;

/**
 * Returns the attribute `expiresAt` of an item that ends at a time: epoch seconds, rounded up, so that
 * it is there to its end.
 *
 * @param time ISO 8601
 */
export const expiresAt = (time: string): number => Math.ceil(Date.parse(time) / 1_000);

/**
 * Reads a page of a partition, newest first; `sk` begins with the time.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function newestFirst(
  client: DynamoDBDocumentClient,
  table: string,
  pk: string,
  { cursor, limit }: { readonly cursor?: string; readonly limit: number },
): Promise<{ readonly items: Item[]; readonly cursor: string | undefined }> {
  const page = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ScanIndexForward: false,
      Limit: limit,
      ExclusiveStartKey: cursor === undefined ? undefined : { pk, sk: decodeCursor(pk, cursor) },
    }),
  );
  const last = page.LastEvaluatedKey;
  return { items: page.Items ?? [], cursor: last && encodeCursor(pk, String(last['sk'])) };
}

/**
 * Reads a page of the items of a partition whose `sk` begins with a prefix, in its order; strongly
 * consistent.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function queryPage(
  client: DynamoDBDocumentClient,
  { cursor, limit }: { readonly cursor?: string; readonly limit: number },
  {
    table,
    pk,
    prefix,
    newestFirst: isDescending = false,
  }: {
    readonly table: string;
    readonly pk: string;
    readonly prefix: string;
    readonly newestFirst?: boolean;
  },
): Promise<{ readonly items: Item[]; readonly cursor: string | undefined }> {
  const list = `${pk} ${prefix}`;
  const page = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      ScanIndexForward: !isDescending,
      Limit: limit,
      ConsistentRead: true,
      ExclusiveStartKey: cursor === undefined ? undefined : { pk, sk: decodeCursor(list, cursor) },
    }),
  );
  const last = page.LastEvaluatedKey;
  return { items: page.Items ?? [], cursor: last && encodeCursor(list, String(last['sk'])) };
}
