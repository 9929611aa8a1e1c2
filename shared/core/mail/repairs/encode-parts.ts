import { encode, wrap } from 'nodemailer/lib/qp';
import { MAX_LINE, findLongLine } from '../line-length.ts';
import { type MimeField, parseMimeField } from '../mime-field.ts';
import { FF } from '../octets.ts';
import { type HeaderField, type ParsedHeader, fieldValue, parseMessage } from '../parse.ts';
import { partsIn } from '../parts.ts';
import { foldField } from './fold.ts';
import { rewrapBase64, rewrapQuotedPrintable } from './rewrap.ts';

/** A long line or a form feed that nothing can be done about. */
export class UnrepairablePart extends Error {
  readonly code: 'part-not-encodable' | 'signed-part' | 'line-too-long';

  constructor(message: string, code: UnrepairablePart['code'] = 'part-not-encodable') {
    super(message);
    this.name = 'UnrepairablePart';
    this.code = code;
  }
}

/** What was done about a long line or a form feed. */
export interface EncodedParts {
  readonly raw: Buffer;
  /** Names of the fields that were folded. */
  readonly folded: readonly string[];
  /** Content types of the parts that were encoded. */
  readonly encoded: readonly string[];
}

/** Each level is scanned once; nobody nests deeper. */
const MAX_DEPTH = 30;

/** Types whose octets another signature or an encryption covers (RFC 1847, RFC 8551). */
const SEALED = new Set([
  'multipart/signed',
  'multipart/encrypted',
  'application/pkcs7-mime',
  'application/x-pkcs7-mime',
]);

/** Whole mails as parts (RFC 2046 §5.2.1, RFC 6532 §3.7), which have parts of their own. */
const MAILS = new Set(['message/rfc822', 'message/global', 'message/news']);

/**
 * Makes the long lines of a mail short and takes each form feed out of its body, which rspamd takes for
 * white space: parts are encoded as quoted-printable, or their encoding is wrapped; fields are
 * folded. The structure of the mail and all other octets stay.
 *
 * @param raw with CRLF line ends
 * @throws UnrepairablePart
 */
export function encodeParts(raw: Buffer): EncodedParts {
  const done = { folded: [], encoded: [] };
  return {
    raw: encodeEntity(raw, { ...done, depth: 0, isMail: true, fallback: 'text/plain' }),
    ...done,
  };
}

interface Context {
  readonly folded: string[];
  readonly encoded: string[];
  readonly depth: number;
  /** A mail, not a part: what is encoded needs MIME-Version. */
  readonly isMail: boolean;
  /** The type of an entity that names none. */
  readonly fallback: string;
}

/** Returns true if octets of a part cannot go out as they are. */
const isFaulty = (octets: Buffer): boolean => findLongLine(octets) >= 0 || octets.includes(FF);

function encodeEntity(raw: Buffer, context: Context): Buffer {
  if (!isFaulty(raw)) return raw;
  const { header: original, body } = parseMessage(raw);
  const type = onlyField(original, 'content-type').value.split(/\s/)[0] || context.fallback;
  if (context.depth > MAX_DEPTH) throw new UnrepairablePart('Parts are nested too deep.');
  if (SEALED.has(type) && context.depth > 0) throw sealed(type);
  const header = foldLongFields(original, context);
  if (!isFaulty(body)) return Buffer.concat([header, body]);
  if (SEALED.has(type)) throw sealed(type);
  if (type.startsWith('multipart/')) {
    return Buffer.concat([header, ...encodeInner(original, body, type, context)]);
  }
  return encodeLeaf(original, header, body, type, context);
}

/** Copies what is between the parts, and encodes each part. */
function encodeInner(header: ParsedHeader, body: Buffer, type: string, context: Context): Buffer[] {
  requirePlain(header, type);
  const boundary = onlyField(header, 'content-type').parameters.get('boundary');
  const fallback = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const inner = { ...context, depth: context.depth + 1, isMail: false, fallback };
  const pieces: Buffer[] = [];
  let at = 0;
  const outside = (end: number): Buffer => {
    const piece = body.subarray(at, end);
    if (!isFaulty(piece)) return piece;
    throw new UnrepairablePart(
      `There is ${FAULT} in the ${type}, but in none of its parts; check its boundary, or remove it.`,
    );
  };
  for (const { start, end } of boundary === undefined ? [] : partsIn(body, boundary)) {
    pieces.push(outside(start), encodeEntity(body.subarray(start, end), inner));
    at = end;
  }
  pieces.push(outside(body.length));
  return pieces;
}

function encodeLeaf(
  header: ParsedHeader,
  headerBytes: Buffer,
  body: Buffer,
  type: string,
  context: Context,
): Buffer {
  const encoding = encodingOf(header);
  if (MAILS.has(type) && IDENTITIES.has(encoding)) {
    const inner = { ...context, depth: context.depth + 1, isMail: true, fallback: 'text/plain' };
    return Buffer.concat([headerBytes, encodeEntity(body, inner)]);
  }
  if (encoding === 'base64') {
    context.encoded.push(type);
    return Buffer.concat([headerBytes, rewrapBase64(body)]);
  }
  if (encoding === 'quoted-printable') {
    context.encoded.push(type);
    return Buffer.concat([headerBytes, rewrapQuotedPrintable(body)]);
  }
  if (!IDENTITIES.has(encoding) || type.startsWith('message/')) {
    const how = IDENTITIES.has(encoding) ? '' : ` in the encoding "${encoding.slice(0, 40)}"`;
    throw new UnrepairablePart(
      `A part of type ${type}${how} has ${FAULT}, and cannot be encoded as quoted-printable; wrap its lines.`,
    );
  }
  context.encoded.push(type);
  const quoted = Buffer.from(wrap(encode(body).replaceAll('\f', '=0C'), 76), 'latin1');
  return Buffer.concat([withEncoding(headerBytes, context.isMail), quoted]);
}

/** What a part is encoded for, in a sentence. */
const FAULT = `a line longer than ${MAX_LINE} octets, or a form feed`;

/** Encodings that encode nothing (RFC 2045 §6.2). */
const IDENTITIES = new Set(['', '7bit', '8bit', 'binary']);

const encodingOf = (header: ParsedHeader): string =>
  onlyField(header, 'content-transfer-encoding').value;

/** A multipart whose own body were encoded would be read differently (RFC 2045 §6.4 forbids it). */
function requirePlain(header: ParsedHeader, type: string): void {
  const encoding = encodingOf(header);
  if (IDENTITIES.has(encoding)) return;
  throw new UnrepairablePart(
    `A ${type} has the Content-Transfer-Encoding "${encoding.slice(0, 40)}", which it must not have, and ${FAULT}; remove the encoding.`,
  );
}

/** A field of MIME; readers disagree on which of two counts. */
function onlyField(header: ParsedHeader, name: string): MimeField {
  const [field, ...more] = header.fields.filter((each) => each.name === name);
  if (more.length > 0) {
    throw new UnrepairablePart(`A part with ${FAULT} has the field ${name} twice; keep one.`);
  }
  return parseMimeField(
    field === undefined ? '' : fieldValue(header, field).toString('latin1').replaceAll('\r\n', ''),
  );
}

function foldLongFields(header: ParsedHeader, { folded }: Context): Buffer {
  const { bytes, fields } = header;
  if (bytes.includes(FF)) {
    throw new UnrepairablePart('There is a form feed in the header of a part; remove it.');
  }
  if (findLongLine(bytes) < 0) return bytes;
  const pieces = fields.map((field: HeaderField): Buffer => {
    const asIs = bytes.subarray(field.start, field.end);
    if (findLongLine(asIs) < 0) return asIs;
    const shorter = field.name === '' ? undefined : foldField(bytes, field);
    if (shorter === undefined) {
      throw new UnrepairablePart(
        `The field ${field.name || 'without a name'} has more than ${MAX_LINE} octets without white space, at which it could be folded; shorten it.`,
        'line-too-long',
      );
    }
    folded.push(field.name);
    return shorter;
  });
  return Buffer.concat([...pieces, bytes.subarray(fields.at(-1)?.end ?? 0)]);
}

/** The header with Content-Transfer-Encoding as it must be for a body in quoted-printable. */
function withEncoding(bytes: Buffer, isMail: boolean): Buffer {
  const { header } = parseMessage(bytes);
  const kept = header.fields.filter(({ name }) => name !== 'content-transfer-encoding');
  const supply = isMail && !kept.some(({ name }) => name === 'mime-version');
  return Buffer.concat([
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
    Buffer.from(
      `${supply ? 'MIME-Version: 1.0\r\n' : ''}Content-Transfer-Encoding: quoted-printable\r\n\r\n`,
    ),
  ]);
}

const sealed = (type: string): UnrepairablePart =>
  new UnrepairablePart(
    `A part of type ${type} has ${FAULT}, and encoding it now would break its signature or encryption; encode it as quoted-printable or base64 before it is signed or encrypted.`,
    'signed-part',
  );
