import type { AuditAnchors, AuditLog } from '#shared/app/ports/audit-log.ts';
import type { AuditOwner } from '#shared/core/audit/entry.ts';
import { AUDIT_DAYS } from '#shared/core/audit/retention.ts';
import { verifyLog, type Verified } from '#shared/core/audit/verify.ts';
import { DAY_MS, later } from '#shared/core/time.ts';

export interface VerifyPorts {
  readonly log: Pick<AuditLog, 'entries' | 'head' | 'seals'>;
  readonly anchors: Pick<AuditAnchors, 'of'>;
}

/** Verifies the log of an owner as it is stored, against the heads that nobody can change. */
export async function verifyOwner(
  owner: AuditOwner,
  { log, anchors }: VerifyPorts,
  now: Date,
): Promise<Verified> {
  // Read first: what is sealed while the rest is read is then no end that is missing.
  const head = await log.head(owner);
  const written = await all(anchors.of(owner));
  const seals = await all(log.seals(owner));
  const everything = { from: '', to: later(now, DAY_MS) };
  const entries = await all(log.entries(owner, everything));
  const keptSince = later(now, -AUDIT_DAYS * DAY_MS);
  return verifyLog({
    owner,
    entries,
    seals,
    head,
    anchors: written,
    keptSince,
    now: now.toISOString(),
  });
}

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of some) list.push(one);
  return list;
}
