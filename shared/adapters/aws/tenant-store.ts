import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { apiKeyReader, atHash, dynamoApiKeys } from './api-keys.ts';
import { transact, type TransactWrite, queryAll } from './dynamo.ts';
import { keyedReader, object, text, type Item } from './item.ts';
import { readable } from './readable.ts';

/** A key has an item under its hash, for the authorizer, and one under its tenant, for the list. */
const at = {
  tenant: (id: TenantId) => ({ pk: `tenant#${id}`, sk: 'tenant' }),
  keyOfTenant: ({ tenant, hash }: ApiKey) => ({ pk: `tenant#${tenant}`, sk: `key#${hash}` }),
  key: atHash,
};

const tenantItem = object<Tenant>({ id: text(), name: text(), createdAt: text() });

const isKey = ({ sk }: Item): boolean => String(sk).startsWith('key#');

/** Tenants and their API keys on DynamoDB. */
export function dynamoTenantStore(client: DynamoDBDocumentClient, table: string): TenantStore {
  const tenantOf = keyedReader(table, tenantItem);
  const apiKeyOf = apiKeyReader(table);

  const putNew = (item: Item): TransactWrite => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  const newKey = (key: ApiKey): TransactWrite[] => [
    putNew({ ...at.keyOfTenant(key), ...key }),
    putNew({ ...at.key(key.hash), ...key }),
  ];

  const revocation = (key: Item, at: string): TransactWrite => ({
    Update: {
      TableName: table,
      Key: key,
      // The first revocation is the one that counts.
      UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :at)',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':at': at },
    },
  });

  const { keyByHash } = dynamoApiKeys(client, table);

  return {
    keyByHash,

    async create(tenant, key) {
      await transact(client, `the tenant ${tenant.name}`, [
        putNew({ ...at.tenant(tenant.id), ...tenant }),
        ...newKey(key),
      ]);
    },

    async addKey(key) {
      const tenantExists: TransactWrite = {
        ConditionCheck: {
          TableName: table,
          Key: at.tenant(key.tenant),
          ConditionExpression: 'attribute_exists(pk)',
        },
      };
      await transact(client, `the key ${key.prefix}`, [tenantExists, ...newKey(key)], (failed) => {
        if (failed.includes(0)) {
          throw new Refusal('not-found', `There is no tenant ${key.tenant}.`);
        }
      });
    },

    async list() {
      const items: Item[] = [];
      const scan = { TableName: table, ConsistentRead: true };
      for await (const { Items = [] } of paginateScan({ client }, scan)) items.push(...Items);
      const keys = readable(items.filter(isKey), apiKeyOf);
      const tenants = items.filter(({ sk }) => sk === 'tenant');
      return readable(tenants, tenantOf)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
        .map((tenant) => ({ tenant, keys: keys.filter((key) => key.tenant === tenant.id) }));
    },

    async keysOf(tenant) {
      const keys = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :tenant AND begins_with(sk, :keys)',
        ExpressionAttributeValues: { ':tenant': at.tenant(tenant).pk, ':keys': 'key#' },
        ConsistentRead: true,
      });
      return readable(keys, apiKeyOf);
    },

    async revoke(hash, now) {
      const key = await keyByHash(hash);
      if (key === undefined) return false;
      await transact(client, `the key ${key.prefix}`, [
        revocation(at.key(hash), now),
        revocation(at.keyOfTenant(key), now),
      ]);
      return true;
    },
  };
}
