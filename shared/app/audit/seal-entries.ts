import { retry, retryLimits } from '#shared/async/retry.ts';
import { MOST_SEALS, type AuditLog } from '#shared/app/ports/audit-log.ts';
import { seal } from '#shared/core/audit/chain.ts';
import type { AuditOwner, StoredEntry } from '#shared/core/audit/entry.ts';
import { slicesOf } from '#shared/core/slices.ts';

/**
 * Adds entries to the chain of their owner, in their order; those that are in it already stay where
 * they are.
 *
 * @throws Conflict where others seal entries of the same owner each time
 */
export const sealEntries = (
  owner: AuditOwner,
  entries: readonly Pick<StoredEntry, 'key' | 'record'>[],
  { log }: { readonly log: Pick<AuditLog, 'head' | 'seal' | 'sealsOf'> },
): Promise<void> =>
  retry(retryLimits.contended, async () => {
    const known = await log.sealsOf(
      owner,
      entries.map(({ key }) => key),
    );
    let head = await log.head(owner);
    const left = entries.filter(({ key }) => !known.has(key));
    for (const some of slicesOf(left, MOST_SEALS)) {
      const made = seal(head, some);
      await log.seal(head, made.seals, made.head);
      head = made.head;
    }
  });
