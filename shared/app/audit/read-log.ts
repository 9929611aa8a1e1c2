import type { AuditLog, AuditRange } from '#shared/app/ports/audit-log.ts';
import type { Seal } from '#shared/core/audit/chain.ts';
import {
  readEntry,
  type AuditEntry,
  type AuditOwner,
  type StoredEntry,
} from '#shared/core/audit/entry.ts';

/** What entries are asked for; what is absent is any. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly verb?: string | undefined;
}

export interface ListedEntry {
  readonly entry: AuditEntry;
  readonly stored: StoredEntry;
  /** Undefined for a moment, until it is sealed. */
  readonly seal: Seal | undefined;
}

/** Entries that one request reads at most to find those that it asks for. */
const MOST_READ = 2_000;

/**
 * Reads a page of a log, newest first. A page may have fewer entries than asked for, with a cursor,
 * where the filter leaves most of them out.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function readLog(
  owner: AuditOwner,
  filter: AuditFilter,
  { range, limit, cursor }: { range: AuditRange; limit: number; cursor?: string | undefined },
  { log }: { readonly log: Pick<AuditLog, 'cursorAfter' | 'page' | 'sealsOf'> },
): Promise<{ readonly entries: readonly ListedEntry[]; readonly cursor: string | null }> {
  const found: StoredEntry[] = [];
  let next = cursor;
  let read = 0;
  do {
    const page = await log.page(owner, range, { limit, cursor: next });
    const wanted = page.entries.filter((one) => isWanted(readEntry(one), filter));
    read += page.entries.length;
    const room = limit - found.length;
    found.push(...wanted.slice(0, room));
    next = page.cursor;
    const last = wanted[room - 1];
    if (last !== undefined && wanted.length > room) {
      next = log.cursorAfter(owner, last);
      break;
    }
  } while (next !== undefined && found.length < limit && read < MOST_READ);
  const seals = await log.sealsOf(
    owner,
    found.map(({ key }) => key),
  );
  const entries = found.map((stored) => ({
    entry: readEntry(stored),
    stored,
    seal: seals.get(stored.key),
  }));
  return { entries, cursor: next ?? null };
}

const isWanted = (entry: AuditEntry, { actor, subject, subjectId, verb }: AuditFilter): boolean =>
  (actor === undefined || actor === entry.actor.kind || actor === entry.actor.id) &&
  (subject === undefined || subject === entry.subject) &&
  (subjectId === undefined || subjectId === entry.subjectId) &&
  (verb === undefined || verb === entry.verb);
