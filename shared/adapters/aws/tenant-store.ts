import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { apiKeyChange, tenantChange } from '#shared/app/audit/access-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { apiKeyReader, atHash, atTenant, dynamoApiKeys, tenantReader } from './api-keys.ts';
import { transact, type TransactWrite, queryAll } from './dynamo.ts';
import type { Item } from './item.ts';
import { addWithin } from './limited-add.ts';
import { readable } from './readable.ts';

/** A key has an item under its hash, for the authorizer, and one under its tenant, for the list. */
const at = {
  tenant: atTenant,
  keyOfTenant: ({ tenant, hash }: ApiKey) => ({ pk: `tenant#${tenant}`, sk: `key#${hash}` }),
  key: atHash,
};

const isKey = ({ sk }: Item): boolean => String(sk).startsWith('key#');

/** Tenants and their API keys on DynamoDB. */
export function dynamoTenantStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): TenantStore {
  const tenantOf = tenantReader(table);
  const apiKeyOf = apiKeyReader(table);

  const putNew = (item: Item): TransactWrite => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  const newKey = (key: ApiKey): TransactWrite[] => [
    putNew({ ...at.keyOfTenant(key), ...key }),
    putNew({ ...at.key(key.hash), ...key }),
    ...trail.entriesOf(apiKeyChange(undefined, key)),
  ];

  const tenantOfKey = (key: ApiKey): TransactWrite => ({
    ConditionCheck: {
      TableName: table,
      Key: at.tenant(key.tenant),
      ConditionExpression: 'attribute_exists(pk)',
    },
  });

  const keysOf = async (tenant: TenantId): Promise<ApiKey[]> => {
    const keys = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :tenant AND begins_with(sk, :keys)',
      ExpressionAttributeValues: { ':tenant': at.tenant(tenant).pk, ':keys': 'key#' },
      ConsistentRead: true,
    });
    return readable(keys, apiKeyOf);
  };

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

  const { get, keyByHash, nameOf, stateOf } = dynamoApiKeys(client, table);

  return {
    get,
    keyByHash,
    nameOf,
    stateOf,

    async changeState(before, next) {
      const { id, state } = before;
      await transact(client, `the tenant ${id}`, [
        {
          Update: {
            TableName: table,
            Key: at.tenant(id),
            UpdateExpression: 'SET #state = :next',
            ConditionExpression:
              state === undefined
                ? 'attribute_exists(pk) AND attribute_not_exists(#state)'
                : '#state = :before',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: {
              ':next': next,
              ...(state === undefined ? {} : { ':before': state }),
            },
          },
        },
        ...trail.entriesOf(tenantChange(before, { ...before, state: next })),
      ]);
    },

    async change(before, next) {
      const { id, name, contacts, brand } = before;
      const set = Object.entries({ name: next.name, contacts: next.contacts, brand: next.brand });
      const was = Object.entries({ name, contacts, brand });
      await transact(client, `the tenant ${id}`, [
        {
          Update: {
            TableName: table,
            Key: at.tenant(id),
            UpdateExpression: updateOf(set),
            ConditionExpression: `attribute_exists(pk) AND ${was
              .map(([field, value]) =>
                value === undefined
                  ? `attribute_not_exists(#${field})`
                  : `#${field} = :was_${field}`,
              )
              .join(' AND ')}`,
            ExpressionAttributeNames: Object.fromEntries(
              [...set, ...was].map(([field]) => [`#${field}`, field]),
            ),
            ExpressionAttributeValues: Object.fromEntries([
              ...set.flatMap(([field, value]) =>
                value === undefined ? [] : [[`:${field}`, value]],
              ),
              ...was.flatMap(([field, value]) =>
                value === undefined ? [] : [[`:was_${field}`, value]],
              ),
            ]),
          },
        },
        ...trail.entriesOf(tenantChange(before, { ...before, ...next })),
      ]);
    },

    async create(tenant, key) {
      await transact(client, `the tenant ${tenant.name}`, [
        putNew({ ...at.tenant(tenant.id), ...tenant }),
        ...trail.entriesOf(tenantChange(undefined, tenant)),
        ...newKey(key),
      ]);
    },

    async addKey(key) {
      const what = `the key ${key.prefix}`;
      await transact(client, what, [tenantOfKey(key), ...newKey(key)], (failed) => {
        if (failed.includes(0)) {
          throw new Refusal('not-found', `There is no tenant ${key.tenant}.`);
        }
      });
    },

    async addKeyWithin(key, most) {
      const list = {
        table,
        key: { pk: at.tenant(key.tenant).pk, sk: 'revision#keys' },
        what: `the keys of ${key.tenant}`,
        count: async () =>
          (await keysOf(key.tenant)).filter(({ revokedAt }) => revokedAt === undefined).length,
      };
      return addWithin(client, list, most, [tenantOfKey(key), ...newKey(key)]);
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

    keysOf,

    async revoke(hash, now) {
      const key = await keyByHash(hash);
      if (key === undefined) return false;
      await transact(client, `the key ${key.prefix}`, [
        revocation(at.key(hash), now),
        revocation(at.keyOfTenant(key), now),
        ...trail.entriesOf(apiKeyChange(key, { revokedAt: now, ...key })),
      ]);
      return true;
    },
  };
}

const isSet = ([, value]: readonly [string, unknown]): boolean => value !== undefined;

/** Sets the fields that have a value, and removes the others. */
function updateOf(fields: readonly (readonly [string, unknown])[]): string {
  const gone = fields.filter((field) => !isSet(field));
  return [
    `SET ${fields
      .filter(isSet)
      .map(([field]) => `#${field} = :${field}`)
      .join(', ')}`,
    ...(gone.length === 0 ? [] : [`REMOVE ${gone.map(([field]) => `#${field}`).join(', ')}`]),
  ].join(' ');
}
