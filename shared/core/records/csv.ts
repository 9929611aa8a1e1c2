import type { DomainName } from '../model/names.ts';
import type { RemainingChange } from './remaining-change.ts';

/** The changes that remain for one domain. */
export interface DomainChanges {
  readonly domain: DomainName;
  readonly changes: readonly RemainingChange[];
}

const columns = ['domain', 'id', 'name', 'type', 'value', 'required', 'status', 'code', 'hint'];

/** What remains to be done for any number of domains, as CSV (RFC 4180) in UTF-8 with a header. */
export const csv = (domains: readonly DomainChanges[]): string =>
  [columns, ...domains.flatMap(({ domain, changes }) => changes.map((one) => row(domain, one)))]
    .map((fields) => `${fields.map(field).join(',')}\r\n`)
    .join('');

/** A record without a value, or left to the customer, has its reason as the hint. */
function row(domain: DomainName, { record, change }: RemainingChange): string[] {
  const { id, name, type, value, required, status, code, hint } = record;
  const isManual = change.action === 'by-hand';
  return [
    domain,
    id,
    name,
    type,
    isManual ? '' : value,
    required ? 'yes' : 'no',
    status,
    code ?? '',
    isManual ? change.why : (hint ?? ''),
  ];
}

const field = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
