import type { KeyObject } from 'node:crypto';
import type { ParsedHeader, ParsedMessage } from '../mail/parse.ts';
import { type Algorithm, algorithmOf, signOctets } from './algorithm.ts';
import { bodyCanonicalization } from './body/canonicalization.ts';
import { hashBody } from './body/hash.ts';
import { coverHeader } from './header/cover.ts';
import { headerHashInput } from './header/hash-input.ts';
import type { SigningProfile } from './profile.ts';
import { composeSignatureField } from './signature-field.ts';

/** The signing domain, its keys and the time of signing. */
export interface Signer {
  /** `d=`: the signing domain in A-labels, lower case. */
  readonly domain: string;
  /** `s=`: the selector, one or more DNS labels. */
  readonly selector: string;
  /** A private RSA key of at least 1,024 bits (rsa-sha256) or an Ed25519 key (ed25519-sha256). */
  readonly key: KeyObject;
  readonly profile: SigningProfile;
  /** The time of signing in seconds since 1970-01-01 UTC. */
  readonly time: number;
}

/** A message that cannot be signed. It must not go out unsigned instead. */
export class SigningError extends Error {
  readonly code: 'key-unusable' | 'name-invalid' | 'from-missing' | 'signature-too-long';

  constructor(code: SigningError['code'], message: string) {
    super(message);
    this.name = 'SigningError';
    this.code = code;
  }
}

/** libopendkim fails on a signature field of 5 KB. */
const MAX_FIELD = 4_000;
/** RFC 8301 §3.2: signers use RSA keys of at least 1,024 bits. */
const MIN_RSA_BITS = 1_024;
const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/;

/**
 * Signs a message (RFC 6376 §5). Line ends of the header must be normalised; a bare LF in the body is
 * signed as the CRLF that it is to be sent as.
 *
 * @param canonicalization a fresh one of the signer's profile, for who wants to know what it met
 * @returns the DKIM-Signature field with its CRLF, to put before the message's first field
 * @throws SigningError where there is nothing that a verifier would accept
 */
export function signMessage(
  message: ParsedMessage,
  signer: Signer,
  canonicalization = bodyCanonicalization(signer.profile.bodyCanonicalization),
): Buffer {
  return signHeader(message.header, hashBody(message.body, canonicalization), signer);
}

/**
 * Signs a header whose body was hashed already.
 *
 * @param bodyHash SHA-256 in base64 of the body in the canonical form of the signer's profile
 * @returns the DKIM-Signature field with its CRLF
 * @throws SigningError as `signMessage`
 */
export function signHeader(header: ParsedHeader, bodyHash: string, signer: Signer): Buffer {
  const { profile, domain, selector } = signer;
  const algorithm = requireAlgorithm(signer.key);
  requireName('d=', domain);
  requireName('s=', selector);
  // RFC 6376 §5.4: From must be signed
  if (!header.fields.some((field) => field.name === 'from')) {
    throw new SigningError(
      'from-missing',
      'The message has no From field, which a signature must cover. Add one.',
    );
  }
  const covered = coverHeader(header.fields, profile);
  const time = Math.floor(signer.time) - profile.backdateSeconds;
  const unsigned = composeSignatureField({
    algorithm,
    headerCanonicalization: profile.headerCanonicalization,
    bodyCanonicalization: profile.bodyCanonicalization,
    domain,
    selector,
    time,
    expiration: profile.lifetimeSeconds === undefined ? undefined : time + profile.lifetimeSeconds,
    names: covered.list,
    bodyHash,
  });
  const octets = headerHashInput(
    header,
    covered.fields,
    Buffer.from(unsigned, 'latin1'),
    profile.headerCanonicalization,
  );
  const field = `${unsigned}${signOctets(algorithm, octets, signer.key).toString('base64')}\r\n`;
  if (field.length > MAX_FIELD) {
    throw new SigningError(
      'signature-too-long',
      `The DKIM-Signature field would be ${field.length} octets, over ${MAX_FIELD}, since h= would name ${covered.names} fields. Remove repeated header fields.`,
    );
  }
  return Buffer.from(field, 'latin1');
}

const usableKeys = new WeakMap<KeyObject, Algorithm>();

/** The algorithm of a key that verifiers accept; asked of OpenSSL once for each key. */
function requireAlgorithm(key: KeyObject): Algorithm {
  const known = usableKeys.get(key);
  if (known !== undefined) return known;
  const algorithm = algorithmOf(key);
  if (key.type !== 'private' || algorithm === undefined) {
    throw new SigningError(
      'key-unusable',
      `A ${key.type} key of type ${key.asymmetricKeyType ?? 'none'} cannot sign. Give a private RSA or Ed25519 key.`,
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) {
    throw new SigningError(
      'key-unusable',
      `An RSA key of ${bits} bits is refused by verifiers (RFC 8301). Use 2,048.`,
    );
  }
  usableKeys.set(key, algorithm);
  return algorithm;
}

/** Nothing that would end the tag or the field may come in by a name. */
function requireName(tag: string, name: string): void {
  if (DNS_NAME.test(name)) return;
  throw new SigningError(
    'name-invalid',
    `${JSON.stringify(name)} cannot be ${tag} of a signature: give DNS labels in lower-case ASCII.`,
  );
}
