import { normalizeLineEnds } from '../mail/line-ends.ts';
import {
  type HeaderField,
  type ParsedHeader,
  type ParsedMessage,
  fieldValue,
  parseMessage,
} from '../mail/parse.ts';
import { verifyOctets } from './algorithm.ts';
import { bodyCanonicalization } from './body/canonicalization.ts';
import { BodyHash } from './body/hash.ts';
import { headerHashInput } from './header/hash-input.ts';
import { selectFields } from './header/select.ts';
import { type KeyRecord, parseKeyRecord } from './key-record.ts';
import { type Signature, parseSignature } from './parse-signature.ts';
import { type TxtResolver, resolveThroughAliases } from './resolver.ts';

/** The result of one signature, or of a message without any (RFC 8601 §2.7.1). */
export interface DkimResult {
  /**
   * - `none`: the message is not signed.
   * - `pass`: the signature is valid.
   * - `fail`: the signature, or its body hash, does not match the message.
   * - `policy`: it could match, but is not taken: a weak key or algorithm.
   * - `neutral`: the signature is malformed, expired, or of an unknown kind.
   * - `temperror`: the key query failed; another attempt may succeed.
   * - `permerror`: there is no usable key, or it is revoked.
   */
  readonly result: 'none' | 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';
  /** The reason where it is not `pass`; for `pass` a remark, if any. */
  readonly reason: string | undefined;
  /** The signature's own tags, where they can be parsed. */
  readonly signature: Signature | undefined;
}

/** RFC 8301 §3.2: verifiers take no RSA key of fewer bits. */
const MIN_RSA_BITS = 1_024;
/** Signatures beyond this many are ignored: each costs a DNS query and a verification. */
const MAX_SIGNATURES = 16;
/** A signer's clock may be ahead of ours by so much. */
const MAX_SKEW_SECONDS = 300;

/**
 * Verifies each DKIM-Signature of a message (RFC 6376 §6).
 *
 * @param raw the message as received; bare LFs count as CRLF
 * @param resolve queries DNS for the keys
 * @param time the time of verification in seconds since 1970-01-01 UTC, for `t=` and `x=`
 * @returns one result for each signature from the top down; one `none` where there is no signature
 */
export async function verifyMessage(
  raw: Buffer,
  resolve: TxtResolver,
  time: number,
): Promise<DkimResult[]> {
  const parsed = parseMessage(normalizeLineEnds(raw));
  const message = {
    ...parsed,
    header: { ...parsed.header, fields: joinStrayLines(parsed.header.fields) },
  };
  const signatures = message.header.fields.filter((field) => field.name === 'dkim-signature');
  if (signatures.length === 0)
    return [{ result: 'none', reason: 'the message is not signed', signature: undefined }];
  const hashes = new BodyHashes(message.body);
  return Promise.all(
    signatures.map(async (field, i): Promise<DkimResult> => {
      if (i < MAX_SIGNATURES) return verifySignature(message, field, hashes, resolve, time);
      const reason = `only ${MAX_SIGNATURES} signatures are looked at`;
      return { result: 'policy', reason, signature: undefined };
    }),
  );
}

/**
 * Makes a line that is no field part of the field above it, as some readers do: octets added to a
 * signed field can break a signature, while overlooked ones could hide from it.
 */
function joinStrayLines(fields: readonly HeaderField[]): HeaderField[] {
  const joined: HeaderField[] = [];
  for (const field of fields) {
    const above = joined.at(-1);
    if (field.name === '' && above !== undefined)
      joined[joined.length - 1] = { ...above, end: field.end };
    else joined.push(field);
  }
  return joined;
}

async function verifySignature(
  message: ParsedMessage,
  field: HeaderField,
  hashes: BodyHashes,
  resolve: TxtResolver,
  time: number,
): Promise<DkimResult> {
  const signature = parseSignature(fieldValue(message.header, field).toString('utf8'));
  if ('result' in signature) return { ...signature, signature: undefined };
  const conclude = (result: DkimResult['result'], reason?: string): DkimResult => ({
    result,
    reason,
    signature,
  });

  const body = hashes.of(signature);
  if (body.tooShort)
    return conclude('neutral', `l=${signature.bodyLength} is more than the body has`);
  if (body.hash !== signature.bodyHash)
    return conclude('fail', 'the body was changed: its hash is not the signed one');

  const name = `${signature.selector}._domainkey.${signature.domain}`;
  const answer = await resolveThroughAliases(resolve, name);
  if (answer.kind === 'failure')
    return conclude('temperror', `the key at ${name} could not be looked up: ${answer.detail}`);
  const [text, ...more] = answer.kind === 'records' ? answer.texts : [];
  if (text === undefined) return conclude('permerror', `there is no key at ${name}`);
  if (more.length > 0)
    return conclude('permerror', `there are ${more.length + 1} TXT records at ${name}`);
  const record = parseKeyRecord(text);
  const refusal = refuseKey(record, signature);
  if (refusal !== undefined) return conclude(refusal.result, refusal.reason);
  const { key } = record as KeyRecord & { kind: 'key' };

  const octets = headerHashInput(
    message.header,
    selectFields(message.header.fields, signature.names),
    withoutSignature(message.header, field),
    signature.headerCanonicalization,
  );
  if (!verifyOctets(signature.algorithm, octets, key, signature.signature)) {
    return conclude(
      'fail',
      'a signed header field was changed, or the key is another: the signature does not match',
    );
  }
  if (signature.time !== undefined && signature.time > time + MAX_SKEW_SECONDS)
    return conclude('neutral', 'the signature is from the future');
  if (signature.expiration !== undefined && signature.expiration < time)
    return conclude('neutral', 'the signature has expired');
  if (body.uncovered)
    return conclude('pass', `only the first ${signature.bodyLength} octets of the body are signed`);
  return conclude('pass');
}

/**
 * Returns why a key cannot be used for a signature (RFC 6376 §6.1.2, RFC 8301 §3.2), or undefined.
 */
function refuseKey(
  record: KeyRecord,
  signature: Signature,
): { result: 'policy' | 'permerror'; reason: string } | undefined {
  if (record.kind === 'revoked') return { result: 'permerror', reason: 'the key is revoked' };
  if (record.kind === 'unusable') return { result: 'permerror', reason: record.reason };
  if (record.algorithm !== signature.algorithm)
    return { result: 'permerror', reason: `the key is not for ${signature.algorithm}` };
  if (record.sameDomainOnly && signature.identityDomain !== signature.domain) {
    return {
      result: 'permerror',
      reason: `the key is for ${signature.domain} only, not for names below it`,
    };
  }
  const bits = record.key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) return { result: 'policy', reason: `the key has only ${bits} bits` };
  return undefined;
}

/** The field as it was when it was signed: the value of `b=` and white space around it taken out (RFC 6376 §3.5). */
function withoutSignature(header: ParsedHeader, field: HeaderField): Buffer {
  const name = header.bytes.toString('latin1', field.start, field.valueStart);
  const value = fieldValue(header, field).toString('latin1');
  return Buffer.from(
    `${name}${value.replace(/((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1')}`,
    'latin1',
  );
}

interface HashedBody {
  readonly hash: string;
  /** Fewer octets than `l=` says. */
  readonly tooShort: boolean;
  /** More octets than `l=` says. */
  readonly uncovered: boolean;
}

/** The hashes of one body, each computed once however many signatures ask for it. */
class BodyHashes {
  readonly #body: Buffer;
  readonly #hashed = new Map<string, HashedBody>();

  constructor(body: Buffer) {
    this.#body = body;
  }

  of(signature: Signature): HashedBody {
    const { bodyLength } = signature;
    const name = `${signature.bodyCanonicalization} ${bodyLength}`;
    const known = this.#hashed.get(name);
    if (known !== undefined) return known;
    const body = new BodyHash(bodyCanonicalization(signature.bodyCanonicalization), bodyLength);
    body.update(this.#body);
    const hash = body.digest();
    const tooShort = bodyLength !== undefined && body.roomLeft > 0;
    const hashed = { hash, tooShort, uncovered: body.roomLeft < 0 };
    this.#hashed.set(name, hashed);
    return hashed;
  }
}
