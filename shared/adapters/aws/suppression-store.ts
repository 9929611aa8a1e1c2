import { GetCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { slicesOf } from '#shared/core/slices.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { suppressionReasons, type Suppression } from '#shared/core/model/suppression.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { suppressionChange, suppressionsAdded } from '#shared/app/audit/other-changes.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import type { AuditTrail } from './audit-trail.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { putIfNew, transact, type TransactWrite } from './dynamo.ts';
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

/** A transaction has 100 writes; one is the entry of the audit log. */
const ADDRESSES_PER_WRITE = 99;
/** Addresses that one sequence of transactions is for; several run side by side. */
const ADDRESSES_PER_LANE = 2_500;

/**
 * Suppression lists for whoever adds what bounces and complaints say. No entry of the audit log is
 * written: it would be one for such a mail, and the list itself has the mail, the time and the reason.
 */
export const dynamoReportedSuppressions = (
  client: DynamoDBDocumentClient,
  table: string,
): Pick<SuppressionStore, 'add' | 'among'> => ({
  ...dynamoSuppressed(client, table),

  async add(one) {
    await putIfNew(client, table, itemOf(one), 'tenant');
  },
});

/**
 * Suppression lists in the table `suppressions`: an item an address, by tenant and digest.
 *
 * @param table the table's name
 */
export function dynamoSuppressionStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
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
    const wanting = some.filter(({ address }) => !there.has(address));
    for (const part of slicesOf(wanting, ADDRESSES_PER_WRITE)) {
      await transact(client, `the suppression list of ${tenant}`, [
        ...part.map((one): TransactWrite => ({ Put: { TableName: table, Item: itemOf(one) } })),
        ...trail.entriesOf(suppressionsAdded(tenant, part)),
      ]);
    }
    return wanting.length;
  }

  const get: SuppressionStore['get'] = async (tenant, address) => {
    const key = suppressionKey(tenant, address);
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return item && suppressionOf(item);
  };

  return {
    ...dynamoReportedSuppressions(client, table),
    get,

    async addAll(tenant, suppressions) {
      const added = await Promise.all(
        slicesOf(suppressions, ADDRESSES_PER_LANE).map((lane) => addSome(tenant, lane)),
      );
      return added.reduce((sum, count) => sum + count, 0);
    },

    async remove(tenant, address) {
      const known = await get(tenant, address);
      if (known === undefined) return undefined;
      const gone = {
        TableName: table,
        Key: suppressionKey(tenant, address),
        ConditionExpression: 'attribute_exists(digest)',
      };
      try {
        await transact(client, `the suppression of ${tenant}`, [
          { Delete: gone },
          ...trail.entriesOf(suppressionChange(known, undefined)),
        ]);
        return known;
      } catch (error) {
        // Another request took it off meanwhile.
        if (error instanceof Conflict) return undefined;
        throw error;
      }
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
