import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { transact, type TransactWrite } from './dynamo.ts';

/** A list with a limit: its revision grows by one with whatever is added. */
export interface LimitedList {
  readonly table: string;
  /** Where the revision is; there may be none yet. */
  readonly key: { readonly pk: string; readonly sk: string };
  /** Names it in errors. */
  readonly what: string;
  /** Counts what is on the list, strongly consistent. */
  readonly count: () => Promise<number>;
}

/**
 * Adds to a list that has room. What is counted under one revision is written under the same, so that
 * no requests at once pass the limit together; taking away needs no revision, since it only makes room.
 *
 * @param most on the list
 * @param writes all or none of them are made
 * @returns false where there is no room, with nothing written
 * @throws Conflict where others add each time, or a condition of the writes does not hold
 */
export async function addWithin(
  client: DynamoDBDocumentClient,
  { table, key, what, count }: LimitedList,
  most: number,
  writes: readonly TransactWrite[],
): Promise<boolean> {
  return retry(retryLimits.contended, async () => {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    if ((await count()) >= most) return false;
    await transact(client, what, [nextRevision(table, key, revisionIn(item)), ...writes]);
    return true;
  });
}

/** The revision of a list, 0 where nothing was added yet. */
export const revisionIn = (item: Record<string, unknown> | undefined): number =>
  Number(item?.['revision'] ?? 0);

/** The write by which a list has its next revision, where it still has this one. */
export const nextRevision = (
  table: string,
  key: LimitedList['key'],
  revision: number,
): TransactWrite => ({
  Put: {
    TableName: table,
    Item: { ...key, revision: revision + 1 },
    ...(revision === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'revision = :was',
          ExpressionAttributeValues: { ':was': revision },
        }),
  },
});
