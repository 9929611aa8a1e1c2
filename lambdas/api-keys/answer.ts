import { issueRequest, type ApiKeyDocument } from '#shared/api/api-key-schemas.ts';
import {
  answering,
  json,
  readJson,
  requireScope,
  scopesOf,
  type ApiEvent,
  type ApiResult,
} from '#shared/api/http.ts';
import { matchRoute, routes } from '#shared/api/routes.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import { issueKey } from './issue-key.ts';
import type { ApiKeyPorts } from './ports.ts';
import { revokeKey } from './revoke-key.ts';

/**
 * Answers a request about API keys; a failure is an answer too.
 *
 * @param report told of failures that are ours
 */
export const answer = (
  event: ApiEvent,
  ports: ApiKeyPorts,
  report: (error: unknown) => void,
): Promise<ApiResult> => answering(() => answerMatched(event, ports), report);

async function answerMatched(event: ApiEvent, ports: ApiKeyPorts): Promise<ApiResult> {
  const match = matchRoute(event.requestContext.http.method, event.rawPath);
  if (match.kind !== 'found') throw new Refusal('not-found', 'There is no such route.');
  const tenant = requireScope(event, routes[match.operation].scope);
  if (match.operation === 'listApiKeys') {
    const keys = await ports.tenants.keysOf(tenant);
    const newestFirst = keys.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return json(200, { keys: newestFirst.map(documentOf) });
  }
  if (match.operation === 'issueApiKey') {
    const wanted = readJson(event, issueRequest);
    const request = { tenant, callerScopes: scopesOf(event), ...wanted };
    const { key, stored } = await issueKey(request, ports);
    return json(201, { ...documentOf(stored), key }, { location: `/v1/api-keys/${stored.hash}` });
  }
  if (match.operation === 'revokeApiKey') {
    const id = match.params['id'] as string;
    return json(200, documentOf(await revokeKey({ tenant, id }, ports)));
  }
  throw new Refusal('not-found', 'There is no such route.');
}

const documentOf = ({
  hash,
  name,
  prefix,
  scopes,
  createdAt,
  revokedAt,
}: ApiKey): ApiKeyDocument => ({
  id: hash,
  name: name ?? null,
  prefix,
  scopes: [...scopes],
  createdAt,
  revokedAt: revokedAt ?? null,
});
