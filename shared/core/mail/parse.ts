import { COLON, CR, LF, SP, TAB, isWsp } from './octets.ts';

/** One header field: its name, and its position in the bytes of its header. */
export interface HeaderField {
  /** The name in lower case, without white space before the colon; `''` where the line is no field. */
  readonly name: string;
  /** Offset of the field's first octet. */
  readonly start: number;
  /** Offset just past the name's last octet. */
  readonly nameEnd: number;
  /** Offset just past the colon. */
  readonly valueStart: number;
  /** Offset just past the line end that ends the field, folded lines included. */
  readonly end: number;
}

/** The header of a message: its bytes, the empty line included, and the fields in them. */
export interface ParsedHeader {
  readonly bytes: Buffer;
  readonly fields: readonly HeaderField[];
}

/** A message split in two; both parts share the memory of the message they were read from. */
export interface ParsedMessage {
  readonly header: ParsedHeader;
  readonly body: Buffer;
}

/**
 * Splits a message into header fields and body in one pass over its header, without copying.
 *
 * Never fails: what is not a header field becomes a field with the name `''`, for the caller to
 * refuse or to pass over. A line ends with LF, with or without a CR before it. A header that no
 * empty line ends is all there is: the body is then empty.
 *
 * @param raw a message (RFC 5322), header fields in ASCII or UTF-8 (RFC 6532)
 */
export function parseMessage(raw: Buffer): ParsedMessage {
  const header = parseHeader(raw);
  return { header, body: raw.subarray(header.bytes.length) };
}

/**
 * Reads header fields up to the first empty line, and leaves what follows alone.
 *
 * @param raw bytes that begin with a header
 */
export function parseHeader(raw: Buffer): ParsedHeader {
  const fields: HeaderField[] = [];
  let at = 0;
  while (at < raw.length) {
    const empty = lineEndLength(raw, at);
    if (empty > 0) return { bytes: raw.subarray(0, at + empty), fields };
    const field = readField(raw, at);
    fields.push(field);
    at = field.end;
  }
  return { bytes: raw, fields };
}

/** The length of the line end at `at`: 2 for CRLF, 1 for LF, 0 where there is none. */
function lineEndLength(raw: Buffer, at: number): number {
  if (raw[at] === LF) return 1;
  return raw[at] === CR && raw[at + 1] === LF ? 2 : 0;
}

function readField(raw: Buffer, start: number): HeaderField {
  let nameEnd = start;
  while (isNameOctet(raw[nameEnd])) nameEnd += 1;
  const colon = endOfWhiteSpace(raw, nameEnd);
  const isField = nameEnd > start && raw[colon] === COLON;
  const end = endOfField(raw, isField ? colon + 1 : start);
  if (!isField) return { name: '', start, nameEnd: start, valueStart: start, end };
  const name = raw.toString('latin1', start, nameEnd).toLowerCase();
  return { name, start, nameEnd, valueStart: colon + 1, end };
}

/**
 * RFC 5322 §4.5 allows white space before the colon. A fold is not allowed there, but some readers
 * take `From`, fold, `:` for a From field, so verifiers must too.
 */
function endOfWhiteSpace(raw: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const lineEnd = lineEndLength(raw, at);
    if (isWsp(raw[at])) at += 1;
    else if (lineEnd > 0 && isWsp(raw[at + lineEnd])) at += lineEnd + 1;
    else return at;
  }
}

/** `ftext` of RFC 5322 §3.6.8: printable ASCII but the colon. */
function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SP && octet < 0x7f && octet !== COLON;
}

/** Just past the first line end that no white space follows (RFC 5322 §2.2.3), or the end. */
function endOfField(raw: Buffer, from: number): number {
  const length = raw.length;
  for (let at = from; at < length; at += 1) {
    if (raw[at] !== LF) continue;
    const next = raw[at + 1];
    if (next !== SP && next !== TAB) return at + 1;
  }
  return length;
}

/**
 * The bytes of a field's value, unchanged: folds, surrounding white space and line end included.
 */
export function fieldValue(header: ParsedHeader, field: HeaderField): Buffer {
  return header.bytes.subarray(field.valueStart, field.end);
}

/** The fields of one name, in header order. */
export function fieldsNamed(header: ParsedHeader, name: string): HeaderField[] {
  return header.fields.filter((field) => field.name === name);
}
