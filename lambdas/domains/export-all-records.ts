import { json, type ApiResult } from '#shared/api/http.ts';
import type { OnlyPart, RecordDocument } from '#shared/api/routes/record-schemas.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { csv } from '#shared/core/records/csv.ts';
import { isRemaining, remainingChanges } from '#shared/core/records/remaining-change.ts';
import { describeClaims } from './describe-claims.ts';
import { csvAnswer, isOf } from './export-records.ts';
import type { DomainPorts } from './ports.ts';

interface PageOfRecords {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly prefix?: string | undefined;
  readonly format: 'json' | 'csv';
  readonly only?: OnlyPart;
}

/**
 * Answers with what remains to be done for a page of a tenant's domains, by their last checks: too
 * many to ask the DNS of each.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function exportAllRecords(
  tenant: TenantId,
  { cursor, limit, prefix, format, only }: PageOfRecords,
  ports: Parameters<typeof describeClaims>[1] & Pick<DomainPorts, 'claims'>,
): Promise<ApiResult> {
  const page = await ports.claims.list(tenant, {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    ...(prefix === undefined ? {} : { prefix }),
  });
  const documents = await describeClaims(page.claims, ports);
  const domains = documents.map(({ name, checkedAt, records }) => ({
    name: name as DomainName,
    checkedAt,
    records: records.filter(isRemaining).filter(isOf(only)),
  }));
  if (format === 'json') return json(200, { domains, cursor: page.cursor ?? null });
  return csvAnswer(csv(domains.map(asChanges)), linkTo(page.cursor, { limit, prefix, only }));
}

const asChanges = ({
  name,
  records,
}: {
  name: DomainName;
  records: readonly RecordDocument[];
}) => ({
  domain: name,
  changes: remainingChanges(records),
});

/** The next page as RFC 8288 links it; nothing on the last one. */
function linkTo(
  cursor: string | undefined,
  { limit, prefix, only }: Pick<PageOfRecords, 'limit' | 'prefix' | 'only'>,
): Record<string, string> {
  if (cursor === undefined) return {};
  const query = new URLSearchParams({
    format: 'csv',
    limit: String(limit),
    ...(prefix === undefined ? {} : { prefix }),
    ...(only === undefined ? {} : { only }),
    cursor,
  });
  return { link: `</v1/records?${query.toString()}>; rel="next"` };
}
