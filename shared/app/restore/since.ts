import { type AuditEntry, readEntry } from '#shared/core/audit/entry.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Suppression } from '#shared/core/model/suppression.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Membership, Memberships } from '../ports/memberships.ts';
import type { SuppressionStore } from '../ports/suppression-store.ts';

/** The tables in use, from which it is read what happened since a time. */
export interface SincePorts {
  readonly memberships: Pick<Memberships, 'in'>;
  readonly suppressions: Pick<SuppressionStore, 'list'>;
  readonly audit: Pick<AuditLog, 'entries'>;
}

/** Later than every entry. */
const EVER = '9999';
const PAGE = 500;

/** Lists what the audit log of a tenant says was taken away since a time, ISO 8601. */
export async function deletedSince(
  tenant: TenantId,
  from: string,
  { audit }: Pick<SincePorts, 'audit'>,
): Promise<readonly AuditEntry[]> {
  const deleted: AuditEntry[] = [];
  for await (const stored of audit.entries(tenant, { from, to: EVER })) {
    const entry = readEntry(stored);
    if (entry.verb === 'delete') deleted.push(entry);
  }
  return deleted;
}

/**
 * Lists the users who were removed from a tenant since a time and are not back: by their memberships,
 * which are kept for a day, and by the audit log.
 */
export async function removedSince(
  tenant: TenantId,
  from: string,
  deleted: readonly AuditEntry[],
  { memberships }: Pick<SincePorts, 'memberships'>,
): Promise<ReadonlyMap<string, Membership | undefined>> {
  const all = await memberships.in(tenant);
  const removed = new Map<string, Membership | undefined>();
  for (const { subject, subjectId } of deleted) {
    if (subject === 'user') removed.set(subjectId, undefined);
  }
  for (const one of all) {
    if (one.endedAt === undefined) removed.delete(one.user);
    else if (one.endedAt >= from) removed.set(one.user, one);
  }
  return removed;
}

/** Lists the addresses that came on a tenant's suppression list since a time. */
export async function suppressedSince(
  tenant: TenantId,
  from: string,
  { suppressions }: Pick<SincePorts, 'suppressions'>,
): Promise<readonly Suppression[]> {
  const added: Suppression[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await suppressions.list(tenant, { limit: PAGE, ...(cursor ? { cursor } : {}) });
    added.push(...page.suppressions.filter(({ addedAt }) => addedAt >= from));
    cursor = page.cursor;
  } while (cursor !== null);
  return added;
}
