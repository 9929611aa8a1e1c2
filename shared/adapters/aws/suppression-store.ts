import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { slicesOf } from '#shared/core/slices.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { suppressionReasons, type Suppression } from '#shared/core/model/suppression.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import { inBatches } from './batches.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { putIfNew } from './dynamo.ts';
import { object, oneOf, optional, text, wholeReader } from './item.ts';
import { readable } from './readable.ts';
import { dynamoSuppressed, suppressionKey } from './suppressed.ts';

interface StoredSuppression extends Suppression {
  readonly digest: string;
}

const suppression = object<StoredSuppression>({
  tenant: text(),
  digest: text(),
  address: text(),
  reason: oneOf(...suppressionReasons),
  addedAt: text(),
  message: optional(text()),
  detail: optional(text()),
});

/** DynamoDB's limit for `BatchWriteItem`. */
const WRITES_PER_BATCH = 25;
/** Addresses that one sequence of batch calls is for; several run side by side. */
const ADDRESSES_PER_LANE = 2_500;

/**
 * Suppression lists in the table `suppressions`: an item an address, by tenant and digest.
 *
 * @param table the table's name
 */
export function dynamoSuppressionStore(
  client: DynamoDBDocumentClient,
  table: string,
): SuppressionStore {
  const { among } = dynamoSuppressed(client, table);
  const read = wholeReader(table, suppression, ['tenant', 'digest']);
  const suppressionOf = (item: Record<string, unknown>): Suppression => {
    const { digest: _digest, ...rest } = read(item);
    return rest;
  };
  async function addSome(tenant: TenantId, some: readonly Suppression[]): Promise<number> {
    const there = await among(
      tenant,
      some.map(({ address }) => address),
    );
    const wanting = some.filter(({ address }) => !there.has(address)).map(itemOf);
    await inBatches(wanting, WRITES_PER_BATCH, async (part) => {
      const requests = part.map((Item) => ({ PutRequest: { Item } }));
      const answer = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: requests } }),
      );
      const left = answer.UnprocessedItems?.[table] ?? [];
      if (left.length === 0) return undefined;
      const entries = left.map((request) => request.PutRequest!.Item as StoredSuppression);
      return { entries, error: new Throttled(`DynamoDB, writing ${table},`) };
    });
    return wanting.length;
  }

  return {
    among,

    async get(tenant, address) {
      const { Item: item } = await client.send(
        new GetCommand({
          TableName: table,
          Key: suppressionKey(tenant, address),
          ConsistentRead: true,
        }),
      );
      return item && suppressionOf(item);
    },

    async add(one) {
      await putIfNew(client, table, itemOf(one), 'tenant');
    },

    async addAll(tenant, suppressions) {
      const added = await Promise.all(
        slicesOf(suppressions, ADDRESSES_PER_LANE).map((lane) => addSome(tenant, lane)),
      );
      return added.reduce((sum, count) => sum + count, 0);
    },

    async remove(tenant, address) {
      const { Attributes: item } = await client.send(
        new DeleteCommand({
          TableName: table,
          Key: suppressionKey(tenant, address),
          ReturnValues: 'ALL_OLD',
        }),
      );
      return item && suppressionOf(item);
    },

    async list(tenant, { limit, cursor }) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'tenant = :tenant',
          ExpressionAttributeValues: { ':tenant': tenant },
          Limit: limit,
          ExclusiveStartKey:
            cursor === undefined
              ? undefined
              : { tenant, digest: decodeCursor(listOf(tenant), cursor) },
        }),
      );
      const last = page.LastEvaluatedKey;
      return {
        suppressions: readable(page.Items ?? [], suppressionOf),
        cursor: last === undefined ? null : encodeCursor(listOf(tenant), String(last['digest'])),
      };
    },
  };
}

/** The name of a tenant's list, for its cursors. */
const listOf = (tenant: TenantId) => `suppressions of ${tenant}`;

const itemOf = (one: Suppression): StoredSuppression => ({
  ...one,
  ...suppressionKey(one.tenant, one.address),
});
