import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Brand } from '#shared/core/model/brand.ts';
import { languages, type ContactDetails } from '#shared/core/model/contact.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { flag, keyedReader, listOf, object, oneOf, optional, text } from './item.ts';

const apiKey = object<ApiKey>({
  hash: text(),
  tenant: text(),
  name: optional(text()),
  prefix: text(),
  scopes: listOf(oneOf('domains', 'messages', 'keys', 'users')),
  strict: optional(flag),
  createdAt: text(),
  revokedAt: optional(text()),
});

const tenant = object<Tenant>({
  id: text(),
  name: text(),
  createdAt: text(),
  state: optional(
    object<TenantState>({
      status: oneOf('active', 'suspended', 'closed'),
      by: optional(oneOf('platform')),
      since: optional(text()),
      reason: optional(text()),
      refusedSuspensions: optional(listOf(text())),
    }),
  ),
  platform: optional(text()),
  externalId: optional(text()),
  contacts: optional(
    listOf(
      object<ContactDetails>({
        email: text(),
        name: optional(text()),
        language: optional(oneOf(...languages)),
      }),
    ),
  ),
  brand: optional(
    object<Brand>({
      name: optional(text()),
      logoUrl: optional(text()),
      colors: optional(
        object<NonNullable<Brand['colors']>>({
          primary: optional(text()),
          background: optional(text()),
        }),
      ),
      support: optional(text()),
      sender: optional(
        object<NonNullable<Brand['sender']>>({ name: optional(text()), email: text() }),
      ),
    }),
  ),
});

/** Reads the items of tenants. */
export const tenantReader = (table: string) => keyedReader(table, tenant);

/** The item key of a tenant. */
export const atTenant = (id: TenantId) => ({ pk: `tenant#${id}`, sk: 'tenant' });

/** Reads the items of keys. */
export const apiKeyReader = (table: string) => keyedReader(table, apiKey);

/** The item key of an API key, by its hash. */
export const atHash = (hash: string) => ({ pk: `key#${hash}`, sk: 'key' });

/** The lookups of API keys and of tenants' states on DynamoDB that every request needs. */
export function dynamoApiKeys(
  client: DynamoDBDocumentClient,
  table: string,
): Pick<TenantStore, 'get' | 'keyByHash' | 'nameOf' | 'stateOf'> {
  const apiKeyOf = apiKeyReader(table);
  const tenantOf = tenantReader(table);

  async function get(id: TenantId) {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: atTenant(id), ConsistentRead: true }),
    );
    return item && tenantOf(item);
  }

  return {
    get,

    async keyByHash(hash) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: atHash(hash), ConsistentRead: true }),
      );
      return item && apiKeyOf(item);
    },

    async stateOf(id) {
      const tenant = await get(id);
      return tenant && (tenant.state ?? activeState);
    },

    nameOf: async (id) => (await get(id))?.name,
  };
}
