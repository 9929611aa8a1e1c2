import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';
import { formatIp, type IpAddress, parseIp } from '../spf/ip-address.ts';
import type {
  AuthResult,
  Disposition,
  Group,
  Scope,
  SeenEnvelope,
  SeenSignature,
} from './group.ts';

/** The texts of one `<record>`, unchanged. */
export interface RawRow {
  sourceIp?: string;
  count?: string;
  disposition?: string;
  dkim?: string;
  spf?: string;
  headerFrom?: string;
  readonly signatures: RawAuth[];
  readonly envelopes: RawAuth[];
}

export interface RawAuth {
  domain?: string;
  selector?: string;
  scope?: string;
  result?: string;
}

/**
 * Makes a group of a row. Receivers differ in capitals, in words for results, and in what they
 * leave out; alignment that a row lacks is derived from its results.
 *
 * @param domain the report's domain
 * @returns undefined where it has no address or no count that can be read
 */
export function groupOf(row: RawRow, domain: string): Group | undefined {
  const address = addressOf(row.sourceIp ?? '');
  const messages = countOf(row.count ?? '');
  if (address === undefined || messages === undefined) return undefined;
  const from = row.headerFrom ? nameOf(row.headerFrom) : domain;
  const signatures = row.signatures.flatMap(signatureOf);
  const envelope = envelopeOf(row.envelopes);
  const signature = mostAligned(signatures, from);
  return {
    source: formatIp(address),
    scope: scopeOf(from, domain),
    disposition: dispositionOf(row.disposition),
    dkim:
      verdictOf(row.dkim) ?? (signature?.result === 'pass' && areAligned(signature.domain, from)),
    spf: verdictOf(row.spf) ?? (envelope?.result === 'pass' && areAligned(envelope.domain, from)),
    signature,
    envelope,
    messages,
  };
}

/** `192.0.2.1:25`, and `[2001:db8::1]:25` with the brackets and the tag of an address literal. */
const bracketed = /^\[(?:ipv6:)?([^\]]+)\](?::\d{1,5})?$/i;
const withPort = /^([\d.]+):\d{1,5}$/;
/** The whole address as a network, and the interface it was seen at. */
const suffix = /(?:\/(?:32|128)|%[\w.-]+)$/;
/** Three digits in each part: decimal, since no octal number says it so. */
const padded = /^\d{3}(?:\.\d{3}){3}$/;

/** An address as receivers write it; undefined where the text has no one reading. */
function addressOf(text: string): IpAddress | undefined {
  const inner = bracketed.exec(text)?.[1] ?? withPort.exec(text)?.[1] ?? text;
  const plain = inner.trim().replace(suffix, '');
  return parseIp(padded.test(plain) ? plain.split('.').map(Number).join('.') : plain);
}

/** A number as receivers write it: `12`, `+12`, `12.0`, `12,00`, `12.000000`; `1.000` may be either. */
const wholeNumber = /^\+?(\d{1,12})(?:\.|[.,]0{1,2}|\.0{4,})?$/;
const inThousands = /^\d{1,3}(?:,\d{3}){1,3}$/;

function countOf(text: string): number | undefined {
  const plain = inThousands.test(text) ? text.replaceAll(',', '') : wholeNumber.exec(text)?.[1];
  return plain === undefined ? undefined : Number(plain);
}

/** A domain in lower-case A-labels without a trailing dot; what is none stays text. */
export function nameOf(text: string): string {
  const plain = text.trim().toLowerCase().replace(/\.$/, '');
  return /^[\x21-\x7e]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}

function scopeOf(from: string, domain: string): Scope {
  if (from === domain) return 'domain';
  return from.endsWith(`.${domain}`) ? 'subdomain' : 'foreign';
}

function dispositionOf(text: string | undefined): Disposition {
  const word = text?.toLowerCase();
  return word === 'quarantine' || word === 'reject' ? word : 'none';
}

/** The aligned result of `<policy_evaluated>`; undefined where it is absent. */
function verdictOf(text: string | undefined): boolean | undefined {
  return text ? text.toLowerCase() === 'pass' : undefined;
}

const results: Readonly<Record<string, AuthResult>> = {
  none: 'none',
  pass: 'pass',
  fail: 'fail',
  hardfail: 'fail',
  softfail: 'softfail',
  policy: 'policy',
  neutral: 'neutral',
  temperror: 'temperror',
  error: 'temperror',
  permerror: 'permerror',
  unknown: 'permerror',
};

/** Words of older drafts and of no draft count as what they mean, others as `none`. */
const resultOf = (text: string | undefined): AuthResult =>
  results[(text ?? '').toLowerCase()] ?? 'none';

function signatureOf({ domain, selector = '', result }: RawAuth): SeenSignature[] {
  return domain
    ? [
        {
          domain: shortened(nameOf(domain)),
          selector: shortened(nameOf(selector)),
          result: resultOf(result),
        },
      ]
    : [];
}

/** The check of MAIL FROM, else that of HELO. */
function envelopeOf(checks: readonly RawAuth[]): SeenEnvelope | undefined {
  const named = checks.filter(({ domain }) => domain);
  const check = named.find(({ scope }) => scope?.toLowerCase() !== 'helo') ?? named[0];
  return check?.domain === undefined
    ? undefined
    : { domain: shortened(nameOf(check.domain)), result: resultOf(check.result) };
}

/** The length of a DNS name. */
const shortened = (name: string) => name.slice(0, 253);

function mostAligned(
  signatures: readonly SeenSignature[],
  from: string,
): SeenSignature | undefined {
  const rank = ({ domain, result }: SeenSignature) =>
    (areAligned(domain, from) ? 2 : 0) + (result === 'pass' ? 1 : 0);
  return signatures.reduce<SeenSignature | undefined>(
    (best, one) => (best === undefined || rank(one) > rank(best) ? one : best),
    undefined,
  );
}

/** Relaxed alignment (RFC 7489 §3.1): of one organisation. */
export function areAligned(one: string, other: string): boolean {
  return one === other || organizationOf(one) === organizationOf(other);
}

const organizations = new Map<string, string>();
const MAX_ORGANIZATIONS = 1_000;

/** The registrable domain of a name, or the name itself; the last ones asked for are remembered. */
export function organizationOf(name: string): string {
  const known = organizations.get(name);
  if (known !== undefined) return known;
  const found = getDomain(name, { allowPrivateDomains: true, validateHostname: false }) ?? name;
  if (organizations.size >= MAX_ORGANIZATIONS) organizations.clear();
  organizations.set(name, found);
  return found;
}
