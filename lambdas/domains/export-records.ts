import { json, type ApiResult } from '#shared/api/http.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { OnlyPart, RecordDocument, RecordFormat } from '#shared/api/routes/record-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { csv } from '#shared/core/records/csv.ts';
import { isRemaining, type RemainingChange } from '#shared/core/records/remaining-change.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';
import { describeClaim } from './describe-claims.ts';
import { describeComplete, hasToWait } from './describe-complete.ts';
import type { DomainPorts } from './ports.ts';
import { changesNow } from './remaining-changes.ts';
import { whileWaiting } from './while-waiting.ts';

interface CheckedRecords {
  readonly name: DomainName;
  readonly checkedAt: string | null;
  readonly records: readonly RecordDocument[];
}

/**
 * The records of a domain that remain to be done, in the form of the tool that is to create them.
 *
 * @param changes what remains of the records, by `changesNow`
 */
export function exportRecords(
  { name, checkedAt, records }: CheckedRecords,
  changes: readonly RemainingChange[],
  format: RecordFormat,
): ApiResult {
  switch (format) {
    case 'json':
      return json(200, { name, checkedAt, records: records.filter(isRemaining) });
    case 'route53':
      return json(200, route53ChangeBatch(name, changes));
    case 'bind':
      return text('text/dns', bind(name, changes));
    case 'cloudflare':
      return text('text/dns', cloudflare(name, changes));
    case 'terraform':
      return text('text/plain', terraform(name, changes));
    case 'csv':
      return csvAnswer(csv([{ domain: name, changes }]));
  }
}

/**
 * Exports a claim's records. Where it waits for a young claim's values, or asks the domain's servers,
 * it does so under a lease.
 *
 * @throws BudgetExceeded `waiting-records`
 */
export async function exportClaim(
  claim: Claim,
  { format, only }: { readonly format: RecordFormat; readonly only?: OnlyPart },
  ports: Parameters<typeof describeComplete>[1] & Pick<DomainPorts, 'budgets' | 'resolver'>,
): Promise<ApiResult> {
  const exported = async ({ checkedAt, records: all }: DomainDocument) => {
    const records = all.filter(isOf(only));
    return exportRecords(
      { name: claim.domain, checkedAt, records },
      asksDns(records, format) ? await changesNow(records, ports.resolver) : [],
      format,
    );
  };
  const document = await describeClaim(claim, ports);
  const waits = hasToWait(claim, document, ports.clock.now());
  if (!waits && !asksDns(document.records, format)) return exported(document);
  return whileWaiting(claim, ports, async () =>
    exported(waits ? await describeComplete(claim, ports) : document),
  );
}

/** Returns a filter for the records of one part, or of both. */
export const isOf =
  (only: OnlyPart) =>
  ({ required }: Pick<RecordDocument, 'required'>): boolean =>
    only === undefined || required === (only === 'required');

/** JSON says what the last check saw; the other forms say what is to be changed now. */
export const asksDns = (records: readonly RecordDocument[], format: RecordFormat): boolean =>
  format !== 'json' && records.some(isRemaining);

/** CSV is UTF-8, since hints are prose (RFC 7111 §5.1). */
export const csvAnswer = (body: string, headers: Record<string, string> = {}): ApiResult => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'cache-control': 'no-store',
    ...headers,
  },
  body,
});

/** `text/dns` is of RFC 4027. */
const text = (mediaType: string, body: string): ApiResult => ({
  statusCode: 200,
  headers: { 'content-type': `${mediaType}; charset=us-ascii`, 'cache-control': 'no-store' },
  body,
});
