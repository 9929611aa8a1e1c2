import type { DmarcPolicy } from '../model/dmarc-policy.ts';

/** The treatment that a domain requests for mail that fails. */
export type Disposition = DmarcPolicy['p'];

/**
 * A DMARC policy record as it was read (RFC 9989 §4.7), defaults applied. `psd` `u` is the default:
 * it leaves open if the domain is a public suffix.
 */
export interface DmarcRecord {
  readonly p: Disposition;
  readonly sp?: Disposition;
  readonly np?: Disposition;
  readonly adkim: 'r' | 's';
  readonly aspf: 'r' | 's';
  readonly fo: string;
  readonly t: 'y' | 'n';
  readonly psd: 'y' | 'n' | 'u';
  /** Of RFC 7489, removed since: the share of mail that the policy is for; absent where it is all. */
  readonly pct?: number;
  /** True where `p` is `none` for lack of the tag (RFC 9989 §4.7). */
  readonly isImplicit?: true;
  /** URIs without the size limits (`!10m`) that RFC 9989 removed. */
  readonly rua: readonly string[];
  readonly ruf: readonly string[];
}

const version = /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/i;
const exactVersion = /^.[ \t]*=[ \t]*DMARC1/;

/** Returns true if a TXT value is a DMARC record at all; callers ignore others at the name. */
export const isDmarcRecord = (text: string): boolean =>
  version.test(text) && exactVersion.test(text);

/**
 * Reads a DMARC record. Unknown and removed tags (`rf`, `ri`) are ignored, and so are tags
 * whose value is not valid (RFC 9989 §4.7), with one exception: where `p`, `sp` or `np` is there
 * but not valid the whole record asks for nothing (§4.10.1), so it reads as `p=none`.
 *
 * @returns undefined where the text is no DMARC record
 */
export function parseDmarc(text: string): DmarcRecord | undefined {
  if (!isDmarcRecord(text)) return undefined;
  const tags = tagsOf(text);
  const requests = { p: tags.get('p'), sp: tags.get('sp'), np: tags.get('np') };
  const broken = Object.values(requests).some(
    (value) => value !== undefined && !isDisposition(value.toLowerCase()),
  );
  const request = (value: string | undefined): Disposition | undefined =>
    broken ? undefined : (value?.toLowerCase() as Disposition | undefined);
  const sp = request(requests.sp);
  const np = request(requests.np);
  return {
    p: request(requests.p) ?? 'none',
    ...(sp === undefined ? {} : { sp }),
    ...(np === undefined ? {} : { np }),
    adkim: oneOf(tags.get('adkim'), ['r', 's'], 'r'),
    aspf: oneOf(tags.get('aspf'), ['r', 's'], 'r'),
    fo: failureOptions(tags.get('fo')),
    t: oneOf(tags.get('t'), ['y', 'n'], 'n'),
    psd: oneOf(tags.get('psd'), ['y', 'n', 'u'], 'u'),
    ...shareOf(tags.get('pct')),
    ...(tags.has('p') ? {} : { isImplicit: true }),
    rua: reportUris(tags.get('rua')),
    ruf: reportUris(tags.get('ruf')),
  };
}

/** The first of each tag; what is not `name = value` is skipped (§4.7: syntax errors are ignored). */
export function tagsOf(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(';').slice(1)) {
    const equals = part.indexOf('=');
    const name = trimmed(part.slice(0, Math.max(equals, 0))).toLowerCase();
    if (/^[a-z]+$/.test(name) && !tags.has(name)) tags.set(name, trimmed(part.slice(equals + 1)));
  }
  return tags;
}

/** The grammar knows no white space but these (RFC 5234, WSP). */
const trimmed = (text: string): string => text.replaceAll(/^[ \t]+|[ \t]+$/g, '');

/** Values that are no percentage mean the default, 100 (RFC 7489 §6.3). */
const shareOf = (value = ''): { pct?: number } =>
  /^\d{1,2}$/.test(value) ? { pct: Number(value) } : {};

export const isDisposition = (value: string): value is Disposition =>
  value === 'none' || value === 'quarantine' || value === 'reject';

function oneOf<const T extends string>(
  value: string | undefined,
  valid: readonly T[],
  fallback: NoInfer<T>,
): T {
  return valid.find((one) => one === value?.toLowerCase()) ?? fallback;
}

function failureOptions(value: string | undefined): string {
  const compact = value?.replaceAll(/[ \t]/g, '').toLowerCase() ?? '';
  return /^[01ds](:[01ds])*$/.test(compact) ? compact : '0';
}

const uri = /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i;

function reportUris(value: string | undefined): string[] {
  const uris = (value ?? '').split(',').map((one) => one.trim().replace(/!\d+[kmgt]?$/i, ''));
  return [...new Set(uris.filter((one) => uri.test(one) && !one.includes('!')))];
}

/**
 * Composes the record of a policy, tags in the order that older receivers expect (RFC 7489 wanted
 * `p` second). Defaults are left out; removed tags are never written.
 *
 * @param policy its `rua` and `ruf` are written as they are, each URI a `mailto:`
 */
export function composeDmarc(policy: DmarcPolicy): string {
  const { p, sp, np, adkim, aspf, fo, t, psd, rua = [], ruf = [] } = policy;
  const tags = [
    ['v', 'DMARC1'],
    ['p', p],
    ['sp', sp],
    ['np', np],
    ['adkim', adkim === 's' ? 's' : undefined],
    ['aspf', aspf === 's' ? 's' : undefined],
    ['t', t === 'y' ? 'y' : undefined],
    ['psd', psd],
    ['rua', rua.length > 0 ? rua.join(',') : undefined],
    ['ruf', ruf.length > 0 ? ruf.join(',') : undefined],
    // §4.7: fo means nothing without ruf.
    ['fo', ruf.length > 0 && fo !== '0' ? fo : undefined],
  ];
  return tags
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}
