import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey, type RingKey } from '#shared/core/model/key-ring.ts';
import type { Message } from '#shared/core/model/message.ts';
import { sendPermissions, type SendPermission } from '#shared/app/sending/send-permission.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';

/**
 * The present permission to send a message.
 *
 * - `signed`: with this key.
 * - `paused`: its domain may sign, but a compromise left no key fit to; mail waits.
 */
export type SigningPermission =
  | { readonly kind: 'signed'; readonly claim: Claim; readonly key: RingKey }
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'paused';
      readonly reason: string;
      /** The current key and its claim, where that key is revoked: its ring is to be repaired. */
      readonly revoked?: { readonly claim: Claim; readonly key: RingKey };
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** The permission of each message, in order: one batch read of claims, one of revoked keys. */
export async function signingPermissions(
  { claims, revokedKeys }: Pick<SignerPorts, 'claims' | 'revokedKeys'>,
  { unsignedAllowed }: Pick<SignerSettings, 'unsignedAllowed'>,
  messages: readonly Message[],
): Promise<SigningPermission[]> {
  const allowed = await sendPermissions(claims, unsignedAllowed, messages);
  const keyIds = new Set(allowed.flatMap((sendPermission) => signingKey(sendPermission)?.id ?? []));
  const revoked = keyIds.size === 0 ? new Set<string>() : await revokedKeys.among([...keyIds]);
  return allowed.map((sendPermission) => signingPermissionOf(sendPermission, revoked));
}

const signingKey = (sendPermission: SendPermission): RingKey | undefined =>
  sendPermission.kind === 'signed' ? currentKey(sendPermission.claim.keys) : undefined;

function signingPermissionOf(
  sendPermission: SendPermission,
  revoked: ReadonlySet<string>,
): SigningPermission {
  if (sendPermission.kind !== 'signed') return sendPermission;
  const { claim } = sendPermission;
  const key = signingKey(sendPermission);
  if (key === undefined) {
    return { kind: 'paused', reason: `${claim.domain} has no key that may sign` };
  }
  // The table of revoked ids outlives a claims table restored from a backup.
  if (revoked.has(key.id)) {
    const reason = `the current key of ${claim.domain}, ${key.id}, is revoked`;
    return { kind: 'paused', reason, revoked: { claim, key } };
  }
  return { kind: 'signed', claim, key };
}
