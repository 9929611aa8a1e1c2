import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import type { Actor } from '#shared/core/model/actor.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { apiKeyEvent } from '#shared/core/model/event.ts';
import { parseAddressRange, type KeyBinding } from '#shared/core/model/key-binding.ts';
import { parseDomainName, type TenantId } from '#shared/core/model/names.ts';
import type { ScopeName } from '#shared/core/model/scopes.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { ApiKeyPorts } from './ports.ts';
import { requireRightsOf, type KeyCaller } from './rights.ts';

/** Keys of a tenant that are not revoked, at most. */
export const LIVE_KEYS = 100;

export interface IssueRequest {
  readonly name: string;
  readonly scopes: readonly ScopeName[];
  readonly strict?: boolean | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly expiresAt?: string | undefined;
}

/**
 * Makes a further key of a tenant.
 *
 * @returns the key itself, which is kept nowhere, and what is kept of it
 * @throws Refusal `forbidden` where the key could do more than the caller, `too-many-api-keys`;
 *   `domain-invalid`, `invalid-body` where a domain, a range or the end is none
 */
export async function issueKey(
  request: IssueRequest,
  { tenant, madeBy, ...caller }: KeyCaller & { readonly tenant: TenantId; readonly madeBy: Actor },
  ports: ApiKeyPorts,
): Promise<{ key: string; stored: ApiKey }> {
  const { tenants, bus, clock, random } = ports;
  const { name, scopes, strict } = request;
  const now = clock.now();
  const binding = bindingOf(request, now);
  await requireRightsOf({ scopes, ...binding }, caller, 'make', ports);
  const key = apiKeyOf(random.bytes(32));
  const stored: ApiKey = {
    hash: hashApiKey(key),
    tenant,
    name,
    prefix: apiKeyPrefix(key),
    scopes,
    ...(strict === true ? { strict } : {}),
    ...binding,
    createdAt: now.toISOString(),
    madeBy,
  };
  if (await tenants.addKeyWithin(stored, LIVE_KEYS)) {
    await bus.put([apiKeyEvent(tenant, 'api_key.created', stored, stored.createdAt)]);
    return { key, stored };
  }
  throw new Refusal(
    'too-many-api-keys',
    `You have ${LIVE_KEYS} keys, which is as many as can be; revoke those that are not used.`,
  );
}

function bindingOf({ domains, addresses, expiresAt }: IssueRequest, now: Date): KeyBinding {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime()) {
    throw new Refusal('invalid-body', `"expiresAt" is past: ${expiresAt}. Give a time to come.`);
  }
  return {
    ...(domains === undefined ? {} : { domains: [...new Set(domains.map(parseDomainName))] }),
    ...(addresses === undefined
      ? {}
      : { addresses: [...new Set(addresses.map(parseAddressRange))] }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}
