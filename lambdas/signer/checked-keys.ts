import type { Clock } from '#shared/app/ports/clock.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';

/** That a key is not revoked is known for so long. */
const FRESH_MS = 60_000;
/** Keys remembered at once. */
const MAX_KEYS = 10_000;

/**
 * The table of revoked keys, without a read for keys that were found not to be in it within a minute. A
 * revocation takes effect by its claim, which is read for each mail; the table is for claims that come
 * from a backup, and those come with new instances.
 */
export function checkedKeys(
  revokedKeys: Pick<RevokedKeys, 'among'>,
  clock: Clock,
): Pick<RevokedKeys, 'among'> {
  const checkedAt = new Map<string, number>();
  return {
    async among(ids) {
      const now = clock.now().getTime();
      const open = ids.filter((id) => now - (checkedAt.get(id) ?? -Infinity) > FRESH_MS);
      if (open.length === 0) return new Set();
      const revoked = await revokedKeys.among(open);
      if (checkedAt.size > MAX_KEYS) checkedAt.clear();
      for (const id of open) if (!revoked.has(id)) checkedAt.set(id, now);
      return revoked;
    },
  };
}
