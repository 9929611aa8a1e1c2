import { parseIp4, parseIp6, type IpAddress } from './ip-address.ts';
import { isDomainSpec, isMacroString } from './macro.ts';

/** The result of a match (RFC 7208 §4.6.2). */
export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral';

/** A mechanism as written; `text` is the whole directive. Domain specs may hold macros. */
export type Mechanism = { readonly qualifier: Qualifier; readonly text: string } & (
  | { readonly kind: 'all' }
  | { readonly kind: 'include' | 'exists'; readonly domain: string }
  | {
      readonly kind: 'a' | 'mx';
      readonly domain?: string;
      readonly prefix4: number;
      readonly prefix6: number;
    }
  | { readonly kind: 'ptr'; readonly domain?: string }
  | { readonly kind: 'ip4' | 'ip6'; readonly network: IpAddress; readonly prefix: number }
);

export interface SpfRecord {
  readonly mechanisms: readonly Mechanism[];
  readonly redirect?: string;
  readonly exp?: string;
}

/** The record breaks the grammar: `permerror` (RFC 7208 §4.6). */
export class SpfSyntaxError extends Error {
  /** The part of the message after the term. */
  readonly why: string;

  constructor(term: string, why: string) {
    super(`"${term}" in the SPF record is wrong: ${why}`);
    this.name = 'SpfSyntaxError';
    this.why = why;
  }
}

/**
 * Returns true if a TXT value is an SPF record: `v=spf1`, then a space or nothing (RFC 7208 §4.5).
 */
export const isSpfRecord = (text: string): boolean => /^v=spf1( |$)/i.test(text);

/** Far above what any sender publishes (RFC 7208 §3.4 advises 450); bounds the work on hostile records. */
export const MAX_RECORD_LENGTH = 8_192;

/**
 * Parses an SPF record (RFC 7208 §12), all of it: an error anywhere makes the whole record void.
 * One of more than `MAX_RECORD_LENGTH` characters is taken for an error.
 *
 * @param text a TXT value for which `isSpfRecord` holds, its strings joined
 * @throws SpfSyntaxError
 */
export function parseSpf(text: string): SpfRecord {
  if (text.length > MAX_RECORD_LENGTH) {
    throw new SpfSyntaxError(`${text.slice(0, 40)}...`, `it has ${text.length} characters`);
  }
  const mechanisms: Mechanism[] = [];
  const modifiers: { redirect?: string; exp?: string } = {};
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue;
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/is.exec(term);
    if (modifier === null) mechanisms.push(parseMechanism(term));
    else addModifier(modifiers, term, modifier[1]!.toLowerCase(), modifier[2]!);
  }
  return { mechanisms, ...modifiers };
}

function addModifier(
  modifiers: { redirect?: string; exp?: string },
  term: string,
  name: string,
  value: string,
): void {
  if (name !== 'redirect' && name !== 'exp') {
    if (!isMacroString(value)) throw new SpfSyntaxError(term, 'its value is no macro string');
    return;
  }
  if (modifiers[name] !== undefined)
    throw new SpfSyntaxError(term, `${name} may be given only once`);
  modifiers[name] = requireDomainSpec(term, value);
}

const qualifiers: Readonly<Record<string, Qualifier>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

function parseMechanism(term: string): Mechanism {
  const qualified = qualifiers[term[0]!];
  const bare = qualified === undefined ? term : term.slice(1);
  const base = { qualifier: qualified ?? 'pass', text: term } as const;
  const [, name = '', rest = ''] = /^([a-z][a-z0-9]*)(.*)$/is.exec(bare) ?? [];
  switch (name.toLowerCase()) {
    case 'all':
      if (rest !== '') throw new SpfSyntaxError(term, 'all takes nothing');
      return { ...base, kind: 'all' };
    case 'include':
      return { ...base, kind: 'include', domain: requireDomainSpec(term, afterColon(term, rest)) };
    case 'exists':
      return { ...base, kind: 'exists', domain: requireDomainSpec(term, afterColon(term, rest)) };
    case 'a':
      return { ...base, kind: 'a', ...domainAndPrefixes(term, rest) };
    case 'mx':
      return { ...base, kind: 'mx', ...domainAndPrefixes(term, rest) };
    case 'ptr':
      return {
        ...base,
        kind: 'ptr',
        ...(rest === '' ? {} : { domain: requireDomainSpec(term, afterColon(term, rest)) }),
      };
    case 'ip4':
      return { ...base, kind: 'ip4', ...network(term, rest, parseIp4, 32) };
    case 'ip6':
      return { ...base, kind: 'ip6', ...network(term, rest, parseIp6, 128) };
    default:
      throw new SpfSyntaxError(term, 'there is no such mechanism');
  }
}

function afterColon(term: string, rest: string): string {
  if (!rest.startsWith(':')) throw new SpfSyntaxError(term, 'it needs a colon and a value');
  return rest.slice(1);
}

function requireDomainSpec(term: string, value: string): string {
  if (!isDomainSpec(value)) throw new SpfSyntaxError(term, `"${value}" is no domain name`);
  return value;
}

function domainAndPrefixes(
  term: string,
  rest: string,
): { domain?: string; prefix4: number; prefix6: number } {
  const [, domain = '', four, six] = /^(.*?)(?:\/(\d+))?(?:\/\/(\d+))?$/s.exec(rest)!;
  return {
    ...(domain === '' ? {} : { domain: requireDomainSpec(term, afterColon(term, domain)) }),
    prefix4: prefixLength(term, four, 32),
    prefix6: prefixLength(term, six, 128),
  };
}

function network(
  term: string,
  rest: string,
  parse: (text: string) => IpAddress | undefined,
  bits: number,
): { network: IpAddress; prefix: number } {
  const [, address = '', length] = /^([^/]*)(?:\/(.*))?$/s.exec(afterColon(term, rest))!;
  const parsed = parse(address);
  if (parsed === undefined)
    throw new SpfSyntaxError(term, `"${address}" is no address of that kind`);
  return { network: parsed, prefix: prefixLength(term, length, bits) };
}

function prefixLength(term: string, digits: string | undefined, bits: number): number {
  if (digits === undefined) return bits;
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > bits) {
    throw new SpfSyntaxError(term, `the prefix length is a number from 0 to ${bits}`);
  }
  return Number(digits);
}
