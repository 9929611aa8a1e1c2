import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { contextOf, scopesOf, type ApiEvent } from '#shared/api/http.ts';
import { actorOf } from '#shared/api/request-origin.ts';
import { apiKeys, type ApiKeyDocument } from '#shared/api/routes/api-keys.ts';
import type { KeyUse } from '#shared/app/ports/key-uses.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import { scopesNamed } from '#shared/core/model/scopes.ts';
import { issueKey } from './issue-key.ts';
import type { ApiKeyPorts } from './ports.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import type { KeyCaller } from './rights.ts';

const useCases = {
  async listApiKeys({ event, tenant }, { tenants, keyUses }) {
    const [keys, uses] = await Promise.all([tenants.keysOf(tenant), keyUses.of(tenant)]);
    const newestFirst = keys.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const usesOf = new Map(uses.map((use) => [use.key, use]));
    const { key: own } = callerOf(event);
    return { keys: newestFirst.map((key) => documentOf(key, own, usesOf.get(key.hash))) };
  },

  async issueApiKey({ event, tenant, body }, ports) {
    const caller = callerOf(event);
    const by = { ...caller, tenant, madeBy: actorOf(event) };
    const { key, stored } = await issueKey(body, by, ports);
    return { ...documentOf(stored, caller.key), key };
  },

  async revokeApiKey({ event, tenant, params: { id }, query: { made } }, ports) {
    const caller = callerOf(event);
    const revoked = await revokeApiKey({ tenant, id, made: made === 'true' }, caller, ports);
    return {
      ...documentOf(revoked.key, caller.key),
      made: revoked.made.map(({ hash }) => hash),
    };
  },
} satisfies UseCases<'api-keys', ApiKeyPorts>;

/** Answers a request about a tenant's own API keys. */
export const answer = dispatcher<'api-keys', ApiKeyPorts>(apiKeys, useCases);

const callerOf = (event: ApiEvent): KeyCaller => {
  const { key, platform } = contextOf(event) ?? {};
  // A platform key is none of the tenant's.
  return { scopes: scopesOf(event), key: platform === undefined ? key : undefined };
};

/** @param own the id of the key that calls */
function documentOf(key: ApiKey, own: string | undefined, use?: KeyUse): ApiKeyDocument {
  const { hash, name, prefix, scopes, strict = false, createdAt, madeBy, revokedAt } = key;
  const { domains, addresses, expiresAt } = key;
  return {
    id: hash,
    name: name ?? null,
    prefix,
    scopes: scopesNamed(scopes),
    strict,
    domains: domains === undefined ? null : [...domains],
    addresses: addresses === undefined ? null : [...addresses],
    expiresAt: expiresAt ?? null,
    createdAt,
    madeBy: makerOf(madeBy),
    lastUsed: use === undefined ? null : { at: use.at, address: use.address },
    self: hash === own,
    revokedAt: revokedAt ?? null,
  };
}

const makerOf = (madeBy: ApiKey['madeBy']): ApiKeyDocument['madeBy'] =>
  madeBy === undefined ? null : { kind: madeBy.kind, id: 'id' in madeBy ? madeBy.id : null };
