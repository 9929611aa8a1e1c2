import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RevokedKeyList, RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { Revocation } from '#shared/app/ports/revocation-ledger.ts';
import { batchGet, putIfNew } from './dynamo.ts';

/**
 * The table `revoked-keys`: an item a key id, with the time it was revoked. Nothing is ever changed
 * or removed, so that a restored claims table cannot bring a key back. What a restore of this table
 * loses is in the revocation ledger.
 *
 * @param table the table's name
 */
export function dynamoRevokedKeys(
  client: DynamoDBDocumentClient,
  table: string,
): RevokedKeys & RevokedKeyList {
  return {
    async among(ids) {
      const keys = ids.map((keyId) => ({ keyId }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Set(items.map((item) => item['keyId'] as string));
    },

    async add(id, at) {
      // Revoked before: the first time stays.
      await putIfNew(client, table, { keyId: id, revokedAt: at }, 'keyId');
    },

    async *all() {
      for await (const { Items: items = [] } of paginateScan({ client }, { TableName: table })) {
        yield* items as Revocation[];
      }
    },
  };
}
