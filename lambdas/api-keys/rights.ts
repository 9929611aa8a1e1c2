import { Refusal } from '#shared/core/model/errors.ts';
import { bindingBeyond, type KeyBinding } from '#shared/core/model/key-binding.ts';
import { scopesBeyond, type Scope } from '#shared/core/model/scopes.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';

/** The caller of a route about keys. */
export interface KeyCaller {
  readonly scopes: readonly Scope[];
  /** The id of the API key that calls; undefined where a user or a platform does. */
  readonly key: string | undefined;
}

/** What a key may do: its scopes within its binding. */
export interface Rights extends KeyBinding {
  readonly scopes: readonly string[];
}

/**
 * Checks that a caller could do all that a key may.
 *
 * @param verb of the refusal: `make` or `revoke`
 * @throws Refusal `forbidden`
 */
export async function requireRightsOf(
  rights: Rights,
  caller: KeyCaller,
  verb: 'make' | 'revoke',
  { tenants }: { readonly tenants: Pick<TenantStore, 'keyByHash'> },
): Promise<void> {
  const beyond = scopesBeyond(rights.scopes, caller.scopes);
  if (beyond.length > 0) {
    throw new Refusal(
      'forbidden',
      `You can ${verb} keys that may do no more than you may, and you lack "${beyond.join('", "')}".`,
    );
  }
  const own = caller.key === undefined ? undefined : await tenants.keyByHash(caller.key);
  const how = own === undefined ? undefined : bindingBeyond(rights, own);
  if (how === undefined) return;
  throw new Refusal(
    'forbidden',
    `You can ${verb} keys that may do no more than yours, and this one goes beyond: ${how}.`,
  );
}
