import { isAscii } from 'node:buffer';
import { findLineEndFaults, insertCrs } from './line-ends.ts';
import { MAX_LINE, findLongLine } from './line-length.ts';
import { CR, DEL, LF, NUL, SP, TAB } from './octets.ts';
import { type HeaderField, type ParsedHeader, type ParsedMessage, parseMessage } from './parse.ts';

/** The reason why the service refuses a submitted message. */
export interface SubmissionRefusal {
  readonly code:
    | 'empty'
    | 'no-body'
    | 'bare-lf'
    | 'final-line-end'
    | 'no-sender'
    | 'form-feed'
    | 'signed-part'
    | 'part-not-encodable'
    | 'no-header'
    | 'byte-order-mark'
    | 'nul'
    | 'bare-cr'
    | 'line-too-long'
    | 'field-too-long'
    | 'control-character'
    | 'mbox-from-line'
    | 'malformed-header-line'
    | 'header-not-ascii'
    | 'resent-field'
    | 'repeated-field';
  /** A sentence: what is wrong, where, and what to do. */
  readonly detail: string;
}

export type Inspection =
  | {
      readonly ok: true;
      /** With normalised line ends. */
      readonly message: ParsedMessage;
      /** Number of line ends that were LF alone. */
      readonly bareLfs: number;
    }
  | { readonly ok: false; readonly refusal: SubmissionRefusal };

/** Octets of a field with its name; libopendkim and rspamd reject longer ones. */
const MAX_FIELD = 65_536;

/** RFC 5322 §3.6: at most one of each; readers disagree on which of two counts, and big receivers refuse both. */
const AT_MOST_ONCE = ['to', 'cc', 'bcc'];

/**
 * Fields that Amazon SES accepts only once (its developer guide, "Amazon SES header fields"),
 * except those that are stripped.
 */
const ONCE_FOR_SES = `accept-language acceptlanguage archived-at auto-submitted comments
  content-alternative content-base content-class content-description content-disposition
  content-duration content-id content-language content-length content-location content-md5
  content-transfer-encoding content-type date disposition-notification-options
  disposition-notification-to domainkey-signature errors-to from importance in-reply-to keywords
  list-archive list-help list-id list-owner list-post list-subscribe list-unsubscribe
  list-unsubscribe-post message-context message-id mime-version organization original-from
  original-message-id original-recipient original-subject precedence priority references reply-to
  return-receipt-to sender solicitation sensitivity subject thread-index thread-topic user-agent
  vbr-info`;

const ONCE = new Set([...AT_MOST_ONCE, ...ONCE_FOR_SES.split(/\s+/)]);

/**
 * Checks that every verifier reads a message alike. Bare LFs are made CRLF first.
 *
 * @returns the message with normalised line ends, or why it is refused
 */
export function inspectMessage(raw: Buffer): Inspection {
  if (raw.length === 0) return refuse('empty', 'The message is empty.');
  if (hasByteOrderMark(raw)) {
    return refuse(
      'byte-order-mark',
      'The mail begins with a byte order mark (EF BB BF), as some editors write it; remove it.',
    );
  }
  const faults = findLineEndFaults(raw);
  if (faults.nul !== undefined) {
    return refuse('nul', `There is a NUL at octet ${faults.nul}; encode binary content as base64.`);
  }
  const bareCr = faults.bareCr ?? (raw.at(-1) === CR ? raw.length - 1 : undefined);
  if (bareCr !== undefined) {
    return refuse('bare-cr', `There is a CR without LF at octet ${bareCr}; end lines with CRLF.`);
  }
  const normal = faults.bareLfs === 0 ? raw : insertCrs(raw, NUL, faults.bareLfs);
  const long = findLongLine(normal);
  if (long >= 0) {
    return refuse(
      'line-too-long',
      `The line at octet ${long} is longer than ${MAX_LINE} octets; encode it as quoted-printable or base64, or fold it.`,
    );
  }
  const message = parseMessage(normal);
  const { header } = message;
  if (header.fields.length === 0) {
    return refuse(
      'no-header',
      'The message begins with an empty line, so it has no header; remove the line.',
    );
  }
  const malformed = header.fields.find(
    (field) => field.name === '' || isFoldedBeforeColon(header, field),
  );
  if (malformed !== undefined) return refuseLine(header, malformed);
  return refuseField(header) ?? { ok: true, message, bareLfs: faults.bareLfs };
}

/** The octets that mark a text as UTF-8. */
export const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export const hasByteOrderMark = (raw: Buffer): boolean =>
  raw.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);

/** What libopendkim, rspamd or dkimpy would reject once signed, though others would not. */
function refuseField(header: ParsedHeader): Inspection | undefined {
  const long = header.fields.find(({ start, end }) => end - start > MAX_FIELD);
  if (long !== undefined) {
    return refuse(
      'field-too-long',
      `The field ${long.name} has ${long.end - long.start} octets; at most ${MAX_FIELD} are taken, since some receivers reject the signature of longer ones. Shorten it.`,
    );
  }
  const at = findControl(header.bytes);
  if (at < 0) return undefined;
  const field = header.fields.find(({ end }) => at < end);
  const octet = (header.bytes[at] as number).toString(16).toUpperCase().padStart(2, '0');
  return refuse(
    'control-character',
    `The field ${field?.name} holds the control character 0x${octet} at octet ${at}, for which some receivers reject the signature; remove it.`,
  );
}

/** Returns the offset of a control character that is neither a tab nor of a line end; or -1. */
function findControl(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at] as number;
    if (octet >= SP ? octet === DEL : octet !== TAB && octet !== LF && octet !== CR) return at;
  }
  return -1;
}

/**
 * Checks a message at submission: `inspectMessage`, and that Amazon SES can carry it and it has one
 * author.
 *
 * @returns the message with normalised line ends, or why it is refused
 */
export function inspectSubmission(raw: Buffer): Inspection {
  const inspection = inspectMessage(raw);
  return inspection.ok ? (refuseForSes(inspection.message) ?? inspection) : inspection;
}

function refuseForSes(message: ParsedMessage): Inspection | undefined {
  const { header } = message;
  const seen = new Set<string>();
  for (const field of header.fields) {
    if (!isAscii(header.bytes.subarray(field.start, field.end))) {
      return refuse(
        'header-not-ascii',
        `The field ${field.name} holds octets beyond ASCII, which cannot be sent: write text as encoded words (RFC 2047), addresses in ASCII.`,
      );
    }
    if (field.name.startsWith('resent-')) {
      return refuse(
        'resent-field',
        `The field ${field.name} makes this a resent message, whose author is not in From; submit it as a new message.`,
      );
    }
    if (ONCE.has(field.name) && seen.has(field.name)) {
      return refuse(
        'repeated-field',
        `The field ${field.name} stands in the header twice; keep one (RFC 5322 §3.6, and Amazon SES).`,
      );
    }
    seen.add(field.name);
  }
  return undefined;
}

/** Readers disagree on whether that is a field. */
function isFoldedBeforeColon(header: ParsedHeader, field: HeaderField): boolean {
  return header.bytes.subarray(field.nameEnd, field.valueStart).includes(LF);
}

function refuseLine(header: ParsedHeader, field: HeaderField): Inspection {
  const line = header.bytes.toString('latin1', field.start, field.end);
  const shown = JSON.stringify(line.slice(0, 60).trimEnd());
  if (line.startsWith('From ') && field.name === '') {
    return refuse('mbox-from-line', `The line ${shown} comes from an mbox file; remove it.`);
  }
  return refuse(
    'malformed-header-line',
    `The header line ${shown} is no field: write "Name: value", or end the header with an empty line before it.`,
  );
}

function refuse(code: SubmissionRefusal['code'], detail: string): Inspection {
  return { ok: false, refusal: { code, detail } };
}
