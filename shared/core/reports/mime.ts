import { type ParsedHeader, fieldValue, fieldsNamed, parseHeader } from '../mail/parse.ts';
import { type MimeField, parseMimeField } from '../mail/mime-field.ts';
import { partsIn } from '../mail/parts.ts';
import { UnreadableReport } from './unreadable.ts';

/** A part of a mail that has no parts of its own. */
export interface Leaf {
  /** Lower case, without parameters: `application/gzip`. */
  readonly type: string;
  /** Its content, the transfer encoding undone. Damaged encodings are read as far as they go. */
  decode(): Buffer;
}

/** A report's mail has two or three parts; a forwarded one some more. */
const MAX_PARTS = 100;
const MAX_DEPTH = 8;
/** Each line of a header is kept while it is read; SES takes headers of any length. */
const MAX_HEADER_BYTES = 1_000_000;
/** Characters of a field that are read. */
const MAX_FIELD = 10_000;

/**
 * The leaves of a mail (RFC 2045, 2046) in their order, without copying. Nothing is decoded yet.
 *
 * @param raw a message, its lines ended by CRLF or LF
 * @throws UnreadableReport `too-many-parts`, `malformed-mail`
 */
export function leavesOf(raw: Buffer): Leaf[] {
  const leaves: Leaf[] = [];
  collect(raw, 0, leaves);
  return leaves;
}

function collect(raw: Buffer, depth: number, leaves: Leaf[]): void {
  if (depth > MAX_DEPTH)
    throw new UnreadableReport('too-many-parts', `The mail nests parts over ${MAX_DEPTH} deep.`);
  const header = parseHeader(raw.subarray(0, MAX_HEADER_BYTES));
  if (header.bytes.length === MAX_HEADER_BYTES)
    throw new UnreadableReport('malformed-mail', 'The mail has a header of over 1 MB.');
  const body = raw.subarray(header.bytes.length);
  const content = fieldOf(header, 'content-type');
  const type = content.value.split(/\s/)[0] || 'text/plain';
  const boundary = content.parameters.get('boundary');
  if (type.startsWith('multipart/') && boundary !== undefined) {
    for (const { start, end } of partsIn(body, boundary))
      collect(body.subarray(start, end), depth + 1, leaves);
    return;
  }
  const encoding = fieldOf(header, 'content-transfer-encoding').value;
  if (messageTypes.has(type) || isAttachedMail(header, content, type, body, encoding))
    return collect(decode(body, encoding), depth + 1, leaves);
  if (leaves.length === MAX_PARTS)
    throw new UnreadableReport('too-many-parts', `The mail has over ${MAX_PARTS} parts.`);
  leaves.push({ type, decode: () => decode(body, encoding) });
}

/** Whole mails as parts (RFC 2046 §5.2.1, RFC 6532 §3.7). */
const messageTypes: ReadonlySet<string> = new Set([
  'message/rfc822',
  'message/global',
  'message/news',
]);

/** Octets of a part that show whether it is a mail. */
const PEEK = 1_024;
const mailStart =
  /^(?:received|return-path|delivered-to|authentication-results|arc-[\w-]+|dkim-signature|x-[\w-]+|from|to|date|subject|message-id|mime-version|content-type|reply-to|sender)[ \t]*:/i;

/** Some clients forward a mail as a file, of any type: `.eml` as `application/octet-stream`. */
function isAttachedMail(
  header: ParsedHeader,
  content: MimeField,
  type: string,
  body: Buffer,
  encoding: string,
): boolean {
  const name =
    fieldOf(header, 'content-disposition').parameters.get('filename') ??
    content.parameters.get('name') ??
    '';
  if (!/\.eml$/i.test(name) && !type.startsWith('application/')) return false;
  return mailStart.test(decode(body.subarray(0, PEEK), encoding).toString('latin1'));
}

const fieldOf = (header: ParsedHeader, name: string): MimeField =>
  parseMimeField(valueOf(header, name));

/** A field's value, unfolded; of several the first; empty where there is none. */
function valueOf(header: ParsedHeader, name: string): string {
  const [field] = fieldsNamed(header, name);
  return field === undefined
    ? ''
    : fieldValue(header, field).toString('latin1', 0, MAX_FIELD).replaceAll(/\r?\n/g, '');
}

function decode(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(body) : body;
}

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;

/** RFC 2045 §6.7; what is no code of it stays as it is. */
function decodeQuotedPrintable(body: Buffer): Buffer {
  const output = Buffer.allocUnsafe(body.length);
  let to = 0;
  for (let at = 0; at < body.length; at += 1) {
    const octet = body[at] as number;
    const high = octet === EQUALS ? hexDigit(body[at + 1]) : undefined;
    const low = high === undefined ? undefined : hexDigit(body[at + 2]);
    if (high !== undefined && low !== undefined) {
      output[to++] = high * 16 + low;
      at += 2;
    } else if (octet === EQUALS && body[at + 1] === LF) {
      at += 1;
    } else if (octet === EQUALS && body[at + 1] === CR && body[at + 2] === LF) {
      at += 2;
    } else {
      output[to++] = octet;
    }
  }
  return output.subarray(0, to);
}

function hexDigit(octet: number | undefined): number | undefined {
  const digit = Number.parseInt(String.fromCharCode(octet ?? 0), 16);
  return Number.isNaN(digit) ? undefined : digit;
}
