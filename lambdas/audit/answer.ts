import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { json, type ApiResult } from '#shared/api/http.ts';
import { audit, type AuditEntryDocument } from '#shared/api/routes/audit.ts';
import { readLog, type ListedEntry } from '#shared/app/audit/read-log.ts';
import type { AuditLog } from '#shared/app/ports/audit-log.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { AuditOwner } from '#shared/core/audit/entry.ts';
import { AUDIT_DAYS } from '#shared/core/audit/retention.ts';
import { DAY_MS, later } from '#shared/core/time.ts';

export interface AuditRoutePorts {
  readonly log: Pick<AuditLog, 'cursorAfter' | 'page' | 'sealsOf'>;
  readonly clock: Clock;
}

const useCases = {
  async readAuditLog({ tenant, platform, query }, ports) {
    const { from, to, limit, cursor, format, ...filter } = query;
    const kept = later(ports.clock.now(), -AUDIT_DAYS * DAY_MS);
    const range = {
      from: from === undefined || from < kept ? kept : from,
      to: to ?? later(ports.clock.now(), DAY_MS),
    };
    const owner = (tenant ?? platform) as AuditOwner;
    const page = await readLog(owner, filter, { range, limit, cursor }, ports);
    if (format === 'jsonl') return lines(page, query);
    return json(200, { entries: page.entries.map(documentOf), cursor: page.cursor });
  },
} satisfies UseCases<'audit', AuditRoutePorts>;

/** Answers a request for the audit log. */
export const answer = dispatcher<'audit', AuditRoutePorts>(audit, useCases);

function documentOf({ entry, seal }: ListedEntry): AuditEntryDocument {
  const { owner: _owner, changes, ...rest } = entry;
  return {
    ...rest,
    changes: [...changes],
    seal: seal === undefined ? null : placeOf(seal),
  };
}

const placeOf = ({ number, previous, hash }: NonNullable<ListedEntry['seal']>) => ({
  number,
  previous,
  hash,
});

/** A line for each entry: the record that was hashed, the personal texts beside it, and its seal. */
function lines(
  { entries, cursor }: { readonly entries: readonly ListedEntry[]; readonly cursor: string | null },
  query: Readonly<Record<string, unknown>>,
): ApiResult {
  const body = entries
    .map(({ stored: { key, record, personal }, seal }) =>
      JSON.stringify({ key, record: JSON.parse(record) as unknown, personal, seal: seal ?? null }),
    )
    .map((line) => `${line}\n`)
    .join('');
  const headers = { 'content-type': 'application/jsonl', 'cache-control': 'no-store' };
  return { statusCode: 200, headers: { ...headers, ...linkTo(cursor, query) }, body };
}

/** The next page as RFC 8288 links it; nothing on the last one. */
function linkTo(
  cursor: string | null,
  query: Readonly<Record<string, unknown>>,
): Record<string, string> {
  if (cursor === null) return {};
  const given = Object.entries<unknown>({ ...query, cursor }).filter(
    ([, value]) => value !== undefined,
  );
  const next = new URLSearchParams(
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  );
  return { link: `</v1/audit?${next.toString()}>; rel="next"` };
}
