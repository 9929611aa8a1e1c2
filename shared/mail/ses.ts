import { type HeaderField, type ParsedMessage, parseMessage } from './parse.ts';

/**
 * Fields that are taken out before a message is signed for Amazon SES: SES refuses a second
 * DKIM-Signature, writes Return-Path and Feedback-ID itself, and X-SES-* would let whoever wrote the
 * message steer it. Bcc is not for recipients to read.
 */
const STRIPPED = new Set(['dkim-signature', 'return-path', 'bounces-to', 'feedback-id', 'bcc']);
const STRIPPED_PREFIX = 'x-ses-';

/**
 * Makes a message ready to be signed and handed to Amazon SES: strips what SES writes or reads
 * itself, and supplies `MIME-Version: 1.0`, since SES may add it after signing. The body is not
 * copied.
 *
 * @param message with normalised line ends
 * @returns the same message where there was nothing to do
 */
export function prepareForSes(message: ParsedMessage): ParsedMessage {
  const { bytes, fields } = message.header;
  const kept = fields.filter((field) => !isStripped(field));
  const supply = !fields.some((field) => field.name === 'mime-version');
  const ended = bytes.subarray(-4).toString('latin1') === '\r\n\r\n';
  if (kept.length === fields.length && !supply && ended) return message;
  const lines = kept.map((field) =>
    bytes.toString('latin1', field.start, field.end).replace(/(?<!\r\n)$/, '\r\n'),
  );
  if (supply) lines.push('MIME-Version: 1.0\r\n');
  const { header } = parseMessage(Buffer.from(`${lines.join('')}\r\n`, 'latin1'));
  return { header, body: message.body };
}

function isStripped(field: HeaderField): boolean {
  return STRIPPED.has(field.name) || field.name.startsWith(STRIPPED_PREFIX);
}

/** The octets to send: the DKIM-Signature field, then the message. Copies the body once. */
export function assemble(signature: Buffer, message: ParsedMessage): Buffer {
  return Buffer.concat([signature, message.header.bytes, message.body]);
}
