import type { RevokedKeyList } from '../ports/key-vault.ts';
import type { RevocationLedger } from '../ports/revocation-ledger.ts';

/**
 * Adds to the ledger what the table of revoked keys has and the ledger lacks: revocations of a
 * release without a ledger, and those whose stream was lost.
 *
 * @returns how many it lacked
 */
export async function backfillLedger(
  ledger: RevocationLedger,
  revokedKeys: RevokedKeyList,
): Promise<number> {
  const known = new Set<string>();
  for await (const { keyId } of ledger.since()) known.add(keyId);
  let count = 0;
  for await (const revocation of revokedKeys.all()) {
    if (known.has(revocation.keyId)) continue;
    await ledger.add(revocation);
    count += 1;
  }
  return count;
}
