import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import { batchGet, isConditionFailed } from './dynamo.ts';

/**
 * The table `revoked-keys`: an item a key id, with the time it was revoked. Nothing is ever changed
 * or removed, so that a restored claims table cannot bring a key back.
 *
 * @param table the table's name
 */
export function dynamoRevokedKeys(client: DynamoDBDocumentClient, table: string): RevokedKeys {
  return {
    async among(ids) {
      const keys = ids.map((keyId) => ({ keyId }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Set(items.map((item) => item['keyId'] as string));
    },

    async add(id, at) {
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { keyId: id, revokedAt: at },
            ConditionExpression: 'attribute_not_exists(keyId)',
          }),
        );
      } catch (error) {
        // Revoked before: the first time stays.
        if (!isConditionFailed(error)) throw error;
      }
    },
  };
}
