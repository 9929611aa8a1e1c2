import { isAscii } from 'node:buffer';
import { findLineEndFaults, insertCrs } from './line-ends.ts';
import { CR, LF, NUL } from './octets.ts';
import { type HeaderField, type ParsedHeader, type ParsedMessage, parseMessage } from './parse.ts';

/** The reason why the service refuses a submitted message. */
export interface SubmissionRefusal {
  readonly code:
    | 'empty'
    | 'no-header'
    | 'nul'
    | 'bare-cr'
    | 'line-too-long'
    | 'mbox-from-line'
    | 'malformed-header-line'
    | 'header-not-ascii'
    | 'resent-field'
    | 'repeated-field';
  /** A sentence: what is wrong, where, and what to do. */
  readonly detail: string;
}

export type Inspection =
  | { readonly ok: true; readonly message: ParsedMessage }
  | { readonly ok: false; readonly refusal: SubmissionRefusal };

/** RFC 5322 §2.1.1; Amazon SES counts the CRLF and says 1,000. */
const MAX_LINE = 998;

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
  return malformed === undefined ? { ok: true, message } : refuseLine(header, malformed);
}

/**
 * Checks a message at submission: `inspectMessage`, and that Amazon SES can carry it and it has one
 * author.
 *
 * @returns the message with normalised line ends, or why it is refused
 */
export function inspectSubmission(raw: Buffer): Inspection {
  const inspection = inspectMessage(raw);
  return inspection.ok ? inspectFields(inspection.message) : inspection;
}

function inspectFields(message: ParsedMessage): Inspection {
  const { header } = message;
  const seen = new Set<string>();
  for (const field of header.fields) {
    if (!isAscii(header.bytes.subarray(field.start, field.end))) {
      return refuse(
        'header-not-ascii',
        `The field ${field.name} holds octets beyond ASCII, which Amazon SES cannot send; encode them (RFC 2047).`,
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
  return { ok: true, message };
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

/**
 * Returns where a line of more than `MAX_LINE` octets begins, or -1. Searches backwards from the
 * furthest place where the line end may be, so that most octets are never read.
 */
function findLongLine(raw: Buffer): number {
  let start = 0;
  while (raw.length - start > MAX_LINE) {
    const lineEnd = raw.subarray(start, start + MAX_LINE + 2).lastIndexOf(LF);
    if (lineEnd < 0) return start;
    start += lineEnd + 1;
  }
  return -1;
}

function refuse(code: SubmissionRefusal['code'], detail: string): Inspection {
  return { ok: false, refusal: { code, detail } };
}
