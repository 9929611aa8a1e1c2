import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { actorKinds, type Actor } from '#shared/core/model/actor.ts';
import type { Brand } from '#shared/core/model/brand.ts';
import { languages, type ContactDetails } from '#shared/core/model/contact.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { scopeNames } from '#shared/core/model/scopes.ts';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { flag, keyedReader, listOf, object, oneOf, optional, text, type Check } from './item.ts';

/** An actor; that the kinds of them have an id where they must is trusted. */
const actor = object<{ kind: Actor['kind']; id?: string; key?: string; user?: string }>({
  kind: oneOf(...actorKinds),
  id: optional(text()),
  key: optional(text()),
  user: optional(text()),
}) as unknown as Check<Actor>;

const apiKey = object<ApiKey>({
  hash: text(),
  tenant: text(),
  name: optional(text()),
  prefix: text(),
  scopes: listOf(oneOf(...scopeNames)),
  strict: optional(flag),
  domains: optional(listOf(text<DomainName>())),
  addresses: optional(listOf(text())),
  expiresAt: optional(text()),
  createdAt: text(),
  madeBy: optional(actor),
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
