import type { DomainName } from '../domain/names.ts';
import type { CustomerRecord } from './customer-records.ts';

/** Seconds; long enough to be cheap, short enough that a mistake is soon corrected. */
const TTL = 3600;
const MAX_STRING = 255;

/**
 * The customer's records in zone file form (RFC 1035 §5), to be added to the domain's zone: names
 * are absolute, so it reads the same whatever the origin. It has no SOA and NS: those are the
 * zone's own. Records whose value is not known yet (undefined or empty) are comments.
 */
export const bind = (domain: DomainName, records: readonly CustomerRecord[]): string =>
  zoneFile(domain, records, () => '');

/**
 * The same as Cloudflare's import takes it, which puts names behind its proxy where they are not
 * tagged otherwise; a CNAME behind it is answered with addresses.
 */
export const cloudflare = (domain: DomainName, records: readonly CustomerRecord[]): string =>
  zoneFile(domain, records, ({ type }) => (type === 'CNAME' ? ' ; cf_tags=cf-proxied:false' : ''));

function zoneFile(
  domain: DomainName,
  records: readonly CustomerRecord[],
  tag: (record: CustomerRecord) => string,
): string {
  const required = records.filter((record) => record.required);
  const recommended = records.filter((record) => !record.required);
  return [
    `; DNS records for ${domain}, to be added to its zone.`,
    `$ORIGIN ${domain}.`,
    `$TTL ${TTL}`,
    '',
    '; Required',
    ...required.flatMap((record) => entry(record, tag(record))),
    '',
    '; Recommended',
    ...recommended.flatMap((record) => entry(record, tag(record))),
    '',
  ].join('\n');
}

function entry({ id, name, type, value, why }: CustomerRecord, tag: string): string[] {
  const comment = `; ${id}: ${why}`;
  if (!value) {
    return [comment, `; ${name}. IN ${type} is not known yet; ask again in a few minutes.`];
  }
  return [comment, `${name}. IN ${type} ${rdata(type, value)}${tag}`];
}

function rdata(type: CustomerRecord['type'], value: string): string {
  return type === 'TXT' ? quoted(value) : `${value}.`;
}

/** Character strings of at most 255 octets (RFC 1035 §3.3), quotes and backslashes escaped (§5.1). */
function quoted(text: string): string {
  const strings = [];
  const octets = Buffer.from(text);
  for (let start = 0; start < octets.length; start += MAX_STRING) {
    strings.push(`"${[...octets.subarray(start, start + MAX_STRING)].map(escaped).join('')}"`);
  }
  return strings.join(' ');
}

function escaped(octet: number): string {
  if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  return String.fromCharCode(octet);
}
