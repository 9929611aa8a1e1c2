import { domainToASCII } from 'node:url';
import type { Algorithm } from './algorithm.ts';
import { type TagList, colonList, parseTagList, withoutWsp } from './tag-list.ts';

/** A DKIM-Signature field that can be verified (RFC 6376 §3.5). */
export interface Signature {
  readonly algorithm: Algorithm;
  readonly headerCanonicalization: 'relaxed' | 'simple';
  readonly bodyCanonicalization: 'relaxed' | 'simple';
  /** `d=` in A-labels, lower case. */
  readonly domain: string;
  readonly selector: string;
  /** The domain of `i=` in A-labels, lower case. */
  readonly identityDomain: string;
  /** The `h=` list in lower case. */
  readonly names: readonly string[];
  readonly bodyHash: string;
  readonly signature: Buffer;
  /** `l=`: octets of canonical body that are covered; undefined covers all. */
  readonly bodyLength: number | undefined;
  /** Seconds since 1970-01-01 UTC. */
  readonly time: number | undefined;
  /** Seconds since 1970-01-01 UTC. */
  readonly expiration: number | undefined;
}

/**
 * The reason why a DKIM-Signature field cannot be verified; `policy` where it could but must not.
 */
export interface SignatureFault {
  readonly result: 'neutral' | 'policy';
  readonly reason: string;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LABEL = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const SELECTOR = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const DOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})+$`);
const CANONICALIZATION = /^(simple|relaxed)(?:\/(simple|relaxed))?$/;

/**
 * Reads and checks the value of a DKIM-Signature field (RFC 6376 §6.1.1).
 *
 * @param value the field's value, folds included
 */
export function parseSignature(value: string): Signature | SignatureFault {
  const tags = parseTagList(value);
  if (tags === undefined) return neutral('the signature is not a list of tags');
  const missing = ['v', 'a', 'b', 'bh', 'd', 'h', 's'].filter((name) => !tags.has(name));
  if (missing.length > 0)
    return neutral(`the signature has no tag ${missing.map((name) => `${name}=`).join(', ')}`);
  const tag = (name: string): string => tags.get(name) ?? '';

  if (tag('v') !== '1') return neutral(`the signature is of version ${tag('v')}, not 1`);
  const algorithm = tag('a').toLowerCase();
  if (algorithm === 'rsa-sha1')
    return { result: 'policy', reason: 'rsa-sha1 must not be used (RFC 8301)' };
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256')
    return neutral(`the algorithm ${algorithm} is not known`);
  const canonicalization = CANONICALIZATION.exec((tags.get('c') ?? 'simple').toLowerCase());
  if (canonicalization === null) return neutral(`the canonicalization ${tag('c')} is not known`);
  if (!colonList(tags.get('q') ?? 'dns/txt').includes('dns/txt'))
    return neutral(`the query method ${tag('q')} is not known`);

  const domain = domainToASCII(tag('d'));
  const selector = asciiName(tag('s'));
  if (!DOMAIN.test(domain)) return neutral(`d=${tag('d')} is no domain name`);
  if (!SELECTOR.test(selector)) return neutral(`s=${tag('s')} is no selector`);
  const identityDomain = tags.has('i') ? identityDomainOf(tag('i')) : domain;
  if (identityDomain === undefined) return neutral(`i=${tag('i')} is no address`);
  if (identityDomain !== domain && !identityDomain.endsWith(`.${domain}`))
    return neutral(`i=${tag('i')} is not under d=${domain}`);

  const names = colonList(tag('h'));
  if (!names.includes('from')) return neutral('From is not signed');
  const bodyHash = withoutWsp(tag('bh'));
  const signature = withoutWsp(tag('b'));
  if (!BASE64.test(bodyHash) || !BASE64.test(signature)) return neutral('b= or bh= is not base64');
  const [time, expiration, bodyLength] = [
    numberOf(tags, 't', 12),
    numberOf(tags, 'x', 12),
    numberOf(tags, 'l', 76),
  ];
  if (Number.isNaN(time) || Number.isNaN(expiration) || Number.isNaN(bodyLength))
    return neutral('t=, x= or l= is no number');
  if (time !== undefined && expiration !== undefined && expiration <= time)
    return neutral('x= is not after t=');

  return {
    algorithm,
    headerCanonicalization: canonicalization[1] as 'relaxed' | 'simple',
    bodyCanonicalization: (canonicalization[2] ?? 'simple') as 'relaxed' | 'simple',
    domain,
    selector,
    identityDomain,
    names,
    bodyHash,
    signature: Buffer.from(signature, 'base64'),
    bodyLength,
    time,
    expiration,
  };
}

/** A decimal of at most so many digits; undefined where the tag is absent, NaN where it is none. */
function numberOf(tags: TagList, name: string, digits: number): number | undefined {
  const text = tags.get(name);
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) && text.length <= digits ? Number(text) : Number.NaN;
}

/** The domain of an `i=` value in dkim-quoted-printable (RFC 6376 §2.11): what follows its last `@`. */
function identityDomainOf(identity: string): string | undefined {
  const decoded = withoutWsp(identity).replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const at = decoded.lastIndexOf('@');
  const domain = domainToASCII(decoded.slice(at + 1));
  return at >= 0 && DOMAIN.test(domain) ? domain : undefined;
}

/** A name in A-labels. A selector of digits is no IPv4 address, which `domainToASCII` would make of it. */
function asciiName(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
}

function neutral(reason: string): SignatureFault {
  return { result: 'neutral', reason };
}
