import { json, type ApiResult } from '#shared/api/http.ts';
import type { RecordDocument, RecordFormat } from '#shared/api/routes/record-schemas.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { csv } from '#shared/core/records/csv.ts';
import { isRemaining, type RemainingChange } from '#shared/core/records/remaining-change.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';

/**
 * The records of a domain that remain to be done, in the form of the tool that is to create them.
 *
 * @param changes what remains of the records, by `changesNow`
 */
export function exportRecords(
  { name, records }: { readonly name: DomainName; readonly records: readonly RecordDocument[] },
  changes: readonly RemainingChange[],
  format: RecordFormat,
): ApiResult {
  switch (format) {
    case 'json':
      return json(200, { name, records: records.filter(isRemaining) });
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
