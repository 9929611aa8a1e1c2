import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ApiKey, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { keyedReader, listOf, object, oneOf, optional, text } from './item.ts';

const apiKey = object<ApiKey>({
  hash: text(),
  tenant: text(),
  name: optional(text()),
  prefix: text(),
  scopes: listOf(oneOf('domains', 'messages', 'keys', 'users')),
  createdAt: text(),
  revokedAt: optional(text()),
});

/** Reads the items of keys. */
export const apiKeyReader = (table: string) => keyedReader(table, apiKey);

/** The item key of an API key, by its hash. */
export const atHash = (hash: string) => ({ pk: `key#${hash}`, sk: 'key' });

/** The lookup of API keys on DynamoDB that every request needs. */
export function dynamoApiKeys(
  client: DynamoDBDocumentClient,
  table: string,
): Pick<TenantStore, 'keyByHash'> {
  const apiKeyOf = apiKeyReader(table);
  return {
    async keyByHash(hash) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: atHash(hash), ConsistentRead: true }),
      );
      return item && apiKeyOf(item);
    },
  };
}
