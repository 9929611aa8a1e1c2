import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey, Scope } from '#shared/app/ports/tenant-store.ts';
import type { ApiKeyPorts } from './ports.ts';

/** Keys of a tenant that are not revoked, at most. */
export const LIVE_KEYS = 100;

export interface IssueRequest {
  readonly tenant: TenantId;
  /** The scopes of the caller. */
  readonly callerScopes: readonly Scope[];
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly strict?: boolean | undefined;
}

/**
 * Makes a further key of a tenant.
 *
 * @returns the key itself, which is kept nowhere, and what is kept of it
 * @throws Refusal `forbidden` where the key could do more than the caller, `too-many-api-keys`
 */
export async function issueKey(
  { tenant, callerScopes, name, scopes, strict }: IssueRequest,
  { tenants, clock, random }: ApiKeyPorts,
): Promise<{ key: string; stored: ApiKey }> {
  const beyond = scopes.filter((scope) => !callerScopes.includes(scope));
  if (beyond.length > 0) {
    throw new Refusal(
      'forbidden',
      `A key can be made with no more than your own may do, and yours lacks "${beyond.join('", "')}"; leave that out or use a key that has it.`,
    );
  }
  const key = apiKeyOf(random.bytes(32));
  const stored: ApiKey = {
    hash: hashApiKey(key),
    tenant,
    name,
    prefix: apiKeyPrefix(key),
    scopes,
    ...(strict === true ? { strict } : {}),
    createdAt: clock.now().toISOString(),
  };
  if (await tenants.addKeyWithin(stored, LIVE_KEYS)) return { key, stored };
  throw new Refusal(
    'too-many-api-keys',
    `You have ${LIVE_KEYS} keys, which is as many as can be; revoke those that are not used.`,
  );
}
