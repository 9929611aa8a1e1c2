import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { PlatformStore, PlatformTenant } from '#shared/app/ports/platform-store.ts';
import type { Tenant } from '#shared/app/ports/tenant-store.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { PageToken } from '#shared/core/model/page-token.ts';
import {
  LONGEST_EXTERNAL_ID,
  LONGEST_ORIGIN,
  type Platform,
  type PlatformKey,
} from '#shared/core/model/platform.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import {
  pageTokenChange,
  platformChange,
  platformKeyChange,
  tenantChange,
} from '#shared/app/audit/access-changes.ts';
import { atTenant, tenantReader } from './api-keys.ts';
import type { AuditTrail } from './audit-trail.ts';
import {
  batchGet,
  queryAll,
  queryPage,
  transact,
  type TransactWrite,
  expiresAt,
} from './dynamo.ts';
import { keyedReader, listOf, object, oneOf, optional, text, type Item } from './item.ts';
import { readable } from './readable.ts';
import { atTenantPlatform } from './webhook-store.ts';

const at = {
  platform: (id: PlatformId) => ({ pk: 'platforms', sk: id }),
  keyOfPlatform: ({ platform, hash }: PlatformKey) => ({
    pk: `platform#${platform}`,
    sk: `key#${hash}`,
  }),
  key: (hash: string) => ({ pk: `key#${hash}`, sk: 'key' }),
  external: (platform: PlatformId, id: string) => ({
    pk: `platform#${platform}`,
    sk: `tenant#${id}`,
  }),
  origin: (origin: string, platform: PlatformId) => ({
    pk: `origin#${origin}`,
    sk: `platform#${platform}`,
  }),
  token: (hash: string) => ({ pk: `token#${hash}`, sk: 'token' }),
};

const platformItem = object<Platform>({
  id: text(),
  name: text(),
  createdAt: text(),
  origins: optional(listOf(text())),
});

const keyItem = object<PlatformKey>({
  hash: text(),
  platform: text(),
  prefix: text(),
  createdAt: text(),
  revokedAt: optional(text()),
});

const externalItem = object<{ tenant: TenantId }>({ tenant: text() });

const tokenItem = object<PageToken>({
  hash: text(),
  tenant: text(),
  platform: text(),
  madeBy: text(),
  scopes: listOf(oneOf('domains:read', 'domains')),
  domains: optional(listOf(text())),
  origins: listOf(text()),
  createdAt: text(),
  expiresAt: text(),
});

/**
 * The lookups that the authorizer makes: of platform keys, tokens and external ids. The tables are
 * `platforms` and, for what is of a tenant, `tenants`.
 */
export function dynamoPlatformKeys(
  client: DynamoDBDocumentClient,
  table: string,
): Pick<PlatformStore, 'keyByHash' | 'tenantOf' | 'tokenByHash'> {
  const keyOf = keyedReader(table, keyItem);
  const tokenOf = keyedReader(table, tokenItem);
  const externalOf = keyedReader(table, externalItem);

  const get = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  return {
    async keyByHash(hash) {
      const item = await get(at.key(hash));
      return item && keyOf(item);
    },

    async tenantOf(platform, externalId) {
      // DynamoDB refuses keys that are too long, as a header field may be.
      if (externalId.length > LONGEST_EXTERNAL_ID) return undefined;
      const item = await get(at.external(platform, externalId));
      return item && externalOf(item).tenant;
    },

    async tokenByHash(hash) {
      const item = await get(at.token(hash));
      if (item === undefined) return undefined;
      // The time to live is in seconds, and `expiresAt` of the token in ISO 8601.
      const { expiresAt: _, endsAt: expiresAt, ...rest } = item;
      return tokenOf({ ...rest, expiresAt });
    },
  };
}

/** The origins that any platform names; eventually consistent. */
export const dynamoOrigins = (
  client: DynamoDBDocumentClient,
  table: string,
): Pick<PlatformStore, 'hasOrigin'> => ({
  async hasOrigin(origin) {
    // Whoever asks has no credentials, and DynamoDB refuses keys that are too long.
    if (origin.length > LONGEST_ORIGIN) return false;
    const query = {
      TableName: table,
      KeyConditionExpression: 'pk = :origin',
      ExpressionAttributeValues: { ':origin': `origin#${origin}` },
    };
    return (await queryAll(client, query, 1)).length > 0;
  },
});

/** The list of a platform's tenants, for who changes none. */
export const dynamoPlatformTenants = (
  client: DynamoDBDocumentClient,
  { platforms, tenants }: { readonly platforms: string; readonly tenants: string },
): Pick<PlatformStore, 'tenants'> => ({
  async tenants(platform, page) {
    const { items, cursor } = await queryPage(client, page, {
      table: platforms,
      pk: `platform#${platform}`,
      prefix: 'tenant#',
    });
    const ids = readable(items, keyedReader(platforms, externalItem)).map(({ tenant }) => tenant);
    const found = await tenantsById(client, tenants, ids);
    return {
      tenants: ids.flatMap((id) => (found.get(id) as PlatformTenant | undefined) ?? []),
      cursor,
    };
  },
});

async function tenantsById(
  client: DynamoDBDocumentClient,
  table: string,
  ids: readonly TenantId[],
): Promise<Map<TenantId, Tenant>> {
  const items = await batchGet(client, table, ids.map(atTenant), { consistent: true });
  return new Map(readable(items, tenantReader(table)).map((tenant) => [tenant.id, tenant]));
}

/** Platforms on DynamoDB. */
export function dynamoPlatformStore(
  client: DynamoDBDocumentClient,
  {
    platforms: table,
    tenants,
    webhooks,
  }: { readonly platforms: string; readonly tenants: string; readonly webhooks: string },
  trail: AuditTrail,
): PlatformStore {
  const platformOf = keyedReader(table, platformItem);
  const keyOf = keyedReader(table, keyItem);
  const lookups = dynamoPlatformKeys(client, table);

  const putNew = (item: Item): TransactWrite => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const newKey = (key: PlatformKey): TransactWrite[] => [
    putNew({ ...at.keyOfPlatform(key), ...key }),
    putNew({ ...at.key(key.hash), ...key }),
    ...trail.entriesOf(platformKeyChange(undefined, key)),
  ];
  const revocation = (key: Item, revokedAt: string): TransactWrite => ({
    Update: {
      TableName: table,
      Key: key,
      UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :at)',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':at': revokedAt },
    },
  });

  return {
    ...lookups,
    ...dynamoOrigins(client, table),
    ...dynamoPlatformTenants(client, { platforms: table, tenants }),

    async create(platform, key) {
      const { origins: _, ...item } = platform;
      await transact(client, `the platform ${platform.name}`, [
        putNew({ ...at.platform(platform.id), ...item }),
        ...trail.entriesOf(platformChange(undefined, platform)),
        ...newKey(key),
      ]);
    },

    async addKey(key) {
      const platformExists: TransactWrite = {
        ConditionCheck: {
          TableName: table,
          Key: at.platform(key.platform),
          ConditionExpression: 'attribute_exists(pk)',
        },
      };
      await transact(
        client,
        `the key ${key.prefix}`,
        [platformExists, ...newKey(key)],
        (failed) => {
          if (failed.includes(0)) {
            throw new Refusal('not-found', `There is no platform ${key.platform}.`);
          }
        },
      );
    },

    async list() {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :platforms',
        ExpressionAttributeValues: { ':platforms': 'platforms' },
        ConsistentRead: true,
      });
      return Promise.all(
        readable(items, platformOf).map(async (platform) => {
          const keys = await queryAll(client, {
            TableName: table,
            KeyConditionExpression: 'pk = :platform AND begins_with(sk, :keys)',
            ExpressionAttributeValues: { ':platform': `platform#${platform.id}`, ':keys': 'key#' },
            ConsistentRead: true,
          });
          return { platform, keys: readable(keys, keyOf) };
        }),
      );
    },

    async get(id) {
      const command = new GetCommand({
        TableName: table,
        Key: at.platform(id),
        ConsistentRead: true,
      });
      const { Item: item } = await client.send(command);
      return item && platformOf(item);
    },

    async revoke(hash, revokedAt) {
      const key = await lookups.keyByHash(hash);
      if (key === undefined) return false;
      await transact(client, `the key ${key.prefix}`, [
        revocation(at.key(hash), revokedAt),
        revocation(at.keyOfPlatform(key), revokedAt),
        ...trail.entriesOf(platformKeyChange(key, { revokedAt, ...key })),
      ]);
      return true;
    },

    async setOrigins(before, next) {
      const { id, origins } = before;
      const gone = (origins ?? []).filter((origin) => !next.includes(origin));
      const added = next.filter((origin) => !(origins ?? []).includes(origin));
      await transact(client, `the origins of the platform ${id}`, [
        {
          Update: {
            TableName: table,
            Key: at.platform(id),
            UpdateExpression: 'SET origins = :next',
            ConditionExpression:
              origins === undefined
                ? 'attribute_exists(pk) AND attribute_not_exists(origins)'
                : 'origins = :before',
            ExpressionAttributeValues: {
              ':next': next,
              ...(origins === undefined ? {} : { ':before': origins }),
            },
          },
        },
        ...gone.map((origin): TransactWrite => ({
          Delete: { TableName: table, Key: at.origin(origin, id) },
        })),
        ...added.map((origin): TransactWrite => ({
          Put: { TableName: table, Item: { ...at.origin(origin, id), origin } },
        })),
        ...trail.entriesOf(platformChange(before, { ...before, origins: next })),
      ]);
    },

    async addTenant(tenant) {
      const { platform, externalId, id } = tenant;
      try {
        await transact(client, `the tenant ${externalId}`, [
          putNew({ ...at.external(platform, externalId), tenant: id }),
          {
            Put: {
              TableName: tenants,
              Item: { ...atTenant(id), ...tenant },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
          {
            Put: {
              TableName: webhooks,
              Item: { ...atTenantPlatform(id), platform, externalId },
            },
          },
          ...trail.entriesOf(tenantChange(undefined, tenant)),
        ]);
        return tenant;
      } catch (error) {
        const known = await lookups.tenantOf(platform, externalId);
        const stored = known && (await tenantsById(client, tenants, [known])).get(known);
        if (!(error instanceof Conflict) || stored === undefined) throw error;
        return stored as PlatformTenant;
      }
    },

    async addToken(token) {
      const { expiresAt: endsAt, ...rest } = token;
      const item = { ...at.token(token.hash), ...rest, endsAt, expiresAt: expiresAt(endsAt) };
      await transact(client, 'a token', [putNew(item), ...trail.entriesOf(pageTokenChange(token))]);
    },
  };
}
