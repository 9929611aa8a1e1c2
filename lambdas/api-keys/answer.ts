import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { scopesOf } from '#shared/api/http.ts';
import { apiKeys, type ApiKeyDocument } from '#shared/api/routes/api-keys.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import { issueKey } from './issue-key.ts';
import type { ApiKeyPorts } from './ports.ts';
import { revokeApiKey } from './revoke-api-key.ts';

const useCases = {
  async listApiKeys({ tenant }, { tenants }) {
    const keys = await tenants.keysOf(tenant);
    const newestFirst = keys.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return { keys: newestFirst.map(documentOf) };
  },

  async issueApiKey({ event, tenant, body }, ports) {
    const { key, stored } = await issueKey(
      { tenant, callerScopes: scopesOf(event), ...body },
      ports,
    );
    return { ...documentOf(stored), key };
  },

  async revokeApiKey({ tenant, params: { id } }, ports) {
    return documentOf(await revokeApiKey({ tenant, id }, ports));
  },
} satisfies UseCases<'api-keys', ApiKeyPorts>;

/** Answers a request about a tenant's own API keys. */
export const answer = dispatcher<'api-keys', ApiKeyPorts>(apiKeys, useCases);

const documentOf = ({
  hash,
  name,
  prefix,
  scopes,
  strict = false,
  createdAt,
  revokedAt,
}: ApiKey): ApiKeyDocument => ({
  id: hash,
  name: name ?? null,
  prefix,
  scopes: [...scopes],
  strict,
  createdAt,
  revokedAt: revokedAt ?? null,
});
