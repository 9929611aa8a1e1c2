import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey, type RingKey } from '#shared/core/model/key-ring.ts';
import type { Message } from '#shared/core/model/message.ts';
import { permissions, type Permission } from '#shared/app/sending/permission.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';

/**
 * What a message may be sent with, now.
 *
 * - `signed`: with this key.
 * - `paused`: its domain may sign, but a compromise left no key fit to; mail waits.
 */
export type Authority =
  | { readonly kind: 'signed'; readonly claim: Claim; readonly key: RingKey }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'paused'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** The authority of each message, in order: one batch read of claims, one of revoked keys. */
export async function authorities(
  { claims, revokedKeys }: Pick<SignerPorts, 'claims' | 'revokedKeys'>,
  { unsignedAllowed }: Pick<SignerSettings, 'unsignedAllowed'>,
  messages: readonly Message[],
): Promise<Authority[]> {
  const permitted = await permissions(claims, unsignedAllowed, messages);
  const keyIds = new Set(permitted.flatMap((permission) => signingKey(permission)?.id ?? []));
  const revoked = keyIds.size === 0 ? new Set<string>() : await revokedKeys.among([...keyIds]);
  return permitted.map((permission) => authorityOf(permission, revoked));
}

const signingKey = (permission: Permission): RingKey | undefined =>
  permission.kind === 'signed' ? currentKey(permission.claim.keys) : undefined;

function authorityOf(permission: Permission, revoked: ReadonlySet<string>): Authority {
  if (permission.kind !== 'signed') return permission;
  const { claim } = permission;
  const key = signingKey(permission);
  if (key === undefined) {
    return { kind: 'paused', reason: `${claim.domain} has no key that may sign` };
  }
  // The table of revoked ids outlives a claims table restored from a backup.
  if (revoked.has(key.id)) {
    return { kind: 'paused', reason: `the current key of ${claim.domain}, ${key.id}, is revoked` };
  }
  return { kind: 'signed', claim, key };
}
