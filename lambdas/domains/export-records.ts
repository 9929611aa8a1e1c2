import { json, type ApiResult } from '#shared/api/http.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { RecordFormat } from '#shared/api/routes/record-schemas.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';

/** The records of a domain in the form of the tool that is to create them. */
export function exportRecords(
  domain: DomainName,
  { name, records }: Pick<DomainDocument, 'name' | 'records'>,
  format: RecordFormat,
): ApiResult {
  switch (format) {
    case 'json':
      return json(200, { name, records });
    case 'route53':
      return json(200, route53ChangeBatch(domain, records));
    case 'bind':
      return text('text/dns', bind(domain, records));
    case 'cloudflare':
      return text('text/dns', cloudflare(domain, records));
    case 'terraform':
      return text('text/plain', terraform(domain, records));
  }
}

/** `text/dns` is of RFC 4027. */
const text = (mediaType: string, body: string): ApiResult => ({
  statusCode: 200,
  headers: { 'content-type': `${mediaType}; charset=us-ascii`, 'cache-control': 'no-store' },
  body,
});
