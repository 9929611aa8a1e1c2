import type { DomainName } from '../model/names.ts';
import { replacedBy, whyEmpty, type ExportedRecord } from './exported-record.ts';

/** Seconds; long enough to be cheap, short enough that a mistake is soon corrected. */
const TTL = 3600;
const MAX_STRING = 255;

/**
 * The customer's records in zone file form (RFC 1035 §5), to be added to the domain's zone: names
 * are absolute, so it reads the same with any origin. It has no SOA and NS: those are the zone's
 * own. Records without a value are comments.
 */
export const bind = (domain: DomainName, records: readonly ExportedRecord[]): string =>
  zoneFile(domain, records);

/**
 * The same as Cloudflare's import takes it, which puts names behind its proxy where they are not
 * tagged otherwise; a CNAME behind it is answered with addresses. A record that is to take the place
 * of one that is there is a comment, since the import would put it beside that.
 */
export const cloudflare = (domain: DomainName, records: readonly ExportedRecord[]): string =>
  zoneFile(domain, records, cloudflareLine);

const cloudflareLine = (record: ExportedRecord, line: string): string => {
  if (replacedBy(record).length > 0) return `; ${line}`;
  return record.type === 'CNAME' ? `${line} ; cf_tags=cf-proxied:false` : line;
};

function zoneFile(
  domain: DomainName,
  records: readonly ExportedRecord[],
  finish = (_record: ExportedRecord, line: string) => line,
): string {
  const required = records.filter((record) => record.required);
  const recommended = records.filter((record) => !record.required);
  const entries = (some: readonly ExportedRecord[]) =>
    some.flatMap((record) => entry(record, finish));
  return [
    `; DNS records for ${domain}, to be added to its zone.`,
    `$ORIGIN ${domain}.`,
    `$TTL ${TTL}`,
    '',
    '; Required',
    ...entries(required),
    '',
    '; Recommended',
    ...entries(recommended),
    '',
  ].join('\n');
}

function entry(
  record: ExportedRecord,
  finish: (record: ExportedRecord, line: string) => string,
): string[] {
  const { id, name, type, value, why } = record;
  const comment = `; ${id}: ${why}`;
  if (!value) return [comment, `; ${name}. IN ${type} has no value here. ${whyEmpty(record)}`];
  return [
    comment,
    ...replacedBy(record).map((text) => `; To take the place of: ${text}`),
    finish(record, `${name}. IN ${type} ${rdata(type, value)}`),
  ];
}

function rdata(type: ExportedRecord['type'], value: string): string {
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
