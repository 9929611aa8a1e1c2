import type { DomainName } from '../model/names.ts';
import type { CustomerRecord } from './customer-records.ts';
import { absolute, manualSteps } from './exported-record.ts';
import type { RemainingChange } from './remaining-change.ts';

/** Seconds; long enough to be cheap, short enough that a mistake is soon corrected. */
const TTL = 3600;
const MAX_STRING = 255;

/**
 * What remains to be done in zone file form (RFC 1035 §5), to be added to the domain's zone: names
 * are absolute, so it reads the same with any origin. It has no SOA and NS: those are the zone's
 * own. Adding it breaks nothing: a record that takes the place of another is a comment, since both
 * together would be a zone that does not load (a CNAME) or an error for receivers (SPF).
 */
export const bind = (domain: DomainName, changes: readonly RemainingChange[]): string =>
  zoneFile(domain, changes, (_type, line) => line);

/**
 * The same as Cloudflare's import takes it, which puts names behind its proxy where they are not
 * tagged otherwise; a CNAME behind it is answered with addresses.
 */
export const cloudflare = (domain: DomainName, changes: readonly RemainingChange[]): string =>
  zoneFile(domain, changes, (type, line) =>
    type === 'CNAME' ? `${line} ; cf_tags=cf-proxied:false` : line,
  );

type Finish = (type: CustomerRecord['type'], line: string) => string;

function zoneFile(domain: DomainName, changes: readonly RemainingChange[], finish: Finish): string {
  const required = changes.filter(({ record }) => record.required);
  const recommended = changes.filter(({ record }) => !record.required);
  const entries = (some: readonly RemainingChange[]) =>
    some.flatMap((change) => entry(change, finish));
  return [
    `; DNS records for ${domain} that remain to be added to its zone.`,
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

function entry(remaining: RemainingChange, finish: Finish): string[] {
  const { id, name, type, value, why } = remaining.record;
  const steps = manualSteps(remaining);
  const head = [`; ${id}: ${why}`, ...steps.map((step) => `; ${step}`)];
  if (remaining.change.action === 'by-hand') return head;
  const line = finish(type, `${name}. IN ${type} ${rdata(type, value)}`);
  return [...head, steps.length === 0 ? line : `; ${line}`];
}

function rdata(type: CustomerRecord['type'], value: string): string {
  return type === 'TXT' ? quoted(value) : absolute(value);
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
