import { slicesOf } from '#shared/core/slices.ts';
import { DAY_MS } from '#shared/core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { RevokedKeys } from '../ports/key-vault.ts';
import type { Revocation, RevocationLedger } from '../ports/revocation-ledger.ts';

/** Days that DynamoDB can restore a table to, and one for clocks that differ. */
const RESTORABLE_DAYS = 36;
const AT_ONCE = 100;

export interface RecoveryPorts {
  readonly ledger: Pick<RevocationLedger, 'since'>;
  readonly revokedKeys: Pick<RevokedKeys, 'among' | 'add'>;
  /** Receives those that the table lacked: it was restored, or its stream is late. */
  readonly log: (recovered: readonly Revocation[]) => void;
}

/**
 * Adds to the table of revoked keys what the ledger has and the table lacks, as after a restore.
 *
 * @param from ISO 8601, the time from which on the ledger is read; absent: all of it
 * @returns how many the table lacked
 */
export async function recoverRevocations(
  { ledger, revokedKeys, log }: RecoveryPorts,
  from?: string,
): Promise<number> {
  const known: Revocation[] = [];
  for await (const revocation of ledger.since(from)) known.push(revocation);
  let count = 0;
  for (const some of slicesOf(known, AT_ONCE)) {
    const there = await revokedKeys.among(some.map(({ keyId }) => keyId));
    const missing = some.filter(({ keyId }) => !there.has(keyId));
    for (const { keyId, revokedAt } of missing) await revokedKeys.add(keyId, revokedAt);
    if (missing.length > 0) log(missing);
    count += missing.length;
  }
  return count;
}

/**
 * The table of revoked keys, recovered before its first use by whatever a restore to a point in
 * time can have lost. Where the ledger cannot be read, its caller fails, and signs nothing.
 */
export function recoveredFirst(
  revokedKeys: Pick<RevokedKeys, 'among' | 'add'>,
  { ledger, log, clock }: Omit<RecoveryPorts, 'revokedKeys'> & { readonly clock: Clock },
): Pick<RevokedKeys, 'among'> {
  let recovered: Promise<unknown> | undefined;
  const recover = async (): Promise<void> => {
    const from = new Date(clock.now().getTime() - RESTORABLE_DAYS * DAY_MS).toISOString();
    await recoverRevocations({ ledger, revokedKeys, log }, from);
  };
  return {
    async among(ids) {
      recovered ??= recover();
      try {
        await recovered;
      } catch (error) {
        recovered = undefined;
        throw error;
      }
      return revokedKeys.among(ids);
    },
  };
}
