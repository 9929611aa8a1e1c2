import { type HeaderField, type ParsedHeader, type ParsedMessage, parseHeader } from './parse.ts';

/**
 * Fields that are taken out before a message is signed for Amazon SES. SES refuses a second
 * DKIM-Signature, writes Return-Path and Feedback-ID itself, and X-SES-* would let the message's
 * author steer it. Bcc is not for recipients to read. Delivered-To is for the last host to write
 * (RFC 9228): forwarded mail has several, of which SES takes one.
 */
const STRIPPED = new Set([
  'dkim-signature',
  'return-path',
  'bounces-to',
  'feedback-id',
  'bcc',
  'delivered-to',
]);
const STRIPPED_PREFIX = 'x-ses-';

/**
 * Makes a header ready to be signed and handed to Amazon SES: strips what SES writes or reads
 * itself, and supplies `MIME-Version: 1.0`, since SES may add it after signing. White space before a
 * colon goes, since libopendkim and dkimpy fail on a message that has it anywhere.
 *
 * @param header with normalised line ends and no line that is not a field
 * @returns the same header where there was nothing to do
 */
export function prepareHeaderForSes(header: ParsedHeader): ParsedHeader {
  const { bytes, fields } = header;
  const supply = !fields.some((field) => field.name === 'mime-version');
  const complete = bytes.subarray(-4).toString('latin1') === '\r\n\r\n';
  if (!supply && complete && fields.every((field) => isReady(field))) return header;
  const lines = fields
    .filter((field) => !isStripped(field))
    .map((field) => {
      const name = bytes.toString('latin1', field.start, field.nameEnd);
      const value = bytes.toString('latin1', field.valueStart, field.end);
      return `${name}:${value}${value.endsWith('\r\n') ? '' : '\r\n'}`;
    });
  if (supply) lines.push('MIME-Version: 1.0\r\n');
  return parseHeader(Buffer.from(`${lines.join('')}\r\n`, 'latin1'));
}

/** `prepareHeaderForSes` on a whole message, whose body is not copied. */
export function prepareForSes(message: ParsedMessage): ParsedMessage {
  const header = prepareHeaderForSes(message.header);
  return header === message.header ? message : { header, body: message.body };
}

function isReady(field: HeaderField): boolean {
  return !isStripped(field) && field.valueStart === field.nameEnd + 1;
}

function isStripped(field: HeaderField): boolean {
  return STRIPPED.has(field.name) || field.name.startsWith(STRIPPED_PREFIX);
}

/** The octets to send: the DKIM-Signature field, then the message. Copies the body once. */
export function assemble(signature: Buffer, message: ParsedMessage): Buffer {
  return Buffer.concat([signature, message.header.bytes, message.body]);
}
