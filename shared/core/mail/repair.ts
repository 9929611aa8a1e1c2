import { isAscii } from 'node:buffer';
import { authorOf, mayNameSeveral } from './from.ts';
import { BYTE_ORDER_MARK, hasByteOrderMark, type SubmissionRefusal } from './inspect.ts';
import { findLongLine } from './line-length.ts';
import { findLineEndFaults, insertCrs } from './line-ends.ts';
import { CR, FF, LF, NUL, isWsp } from './octets.ts';
import { type ParsedHeader, fieldsNamed, parseMessage } from './parse.ts';
import { encodeField } from './repairs/header-text.ts';
import { UnrepairablePart, encodeParts } from './repairs/encode-parts.ts';

/** A change that was made to a submitted mail, of which a reader sees nothing. */
export interface Repair {
  readonly code: RepairCode;
  /** A sentence: what was wrong, where, and what was done. */
  readonly detail: string;
}

/** Each repair: what is wrong with a mail, and what is done about it. */
export const repairTexts = {
  'byte-order-mark': ['The mail begins with a byte order mark', 'It is taken away'],
  'line-ends': ['Lines end with LF alone', 'Each ends with CRLF, as in SMTP'],
  'body-supplied': [
    'There is no body, or one of white space only, for which rspamd rejects signatures',
    'The body is made an empty line',
  ],
  'final-line-end': ['The last line has no line end', 'CRLF is put there'],
  'header-encoded': [
    'Octets beyond ASCII in unstructured fields, display names, comments and parameters',
    'They are encoded (RFC 2047, in parameters RFC 2231)',
  ],
  'read-as-latin-1': [
    'Octets beyond ASCII in a field are not UTF-8',
    'They are read as Latin-1 (Windows-1252) and encoded',
  ],
  'field-folded': ['A field has a line of over 998 octets', 'It is folded at white space'],
  'part-encoded': [
    'A part has a line of over 998 octets, or a form feed, for which rspamd rejects signatures',
    'The part is encoded as quoted-printable; base64 and quoted-printable are wrapped',
  ],
  'sender-supplied': [
    'From names several mailboxes, and there is no Sender (RFC 5322 §3.6.2)',
    'Sender is supplied, with the first mailbox',
  ],
} as const satisfies Record<string, readonly [fault: string, remedy: string]>;

export type RepairCode = keyof typeof repairTexts;

/** A mail after the repairs. It may still be refused for what they do not concern. */
export interface RepairedMail {
  readonly raw: Buffer;
  readonly repairs: readonly Repair[];
}

/**
 * Repairs what can be repaired in a mail without changing what a reader sees.
 *
 * Line ends are made CRLF in signed parts too: signatures of MIME are over that form (RFC 8551
 * §3.1.1, RFC 3156 §5), and SMTP has no other.
 *
 * @param raw a mail without NUL or bare CR
 * @returns the same octets where there was nothing to do; a refusal where a part may not be encoded
 */
export function repairMail(raw: Buffer): RepairedMail | SubmissionRefusal {
  const repairs: Repair[] = [];
  const note = (code: RepairCode, detail: string): number => repairs.push({ code, detail });
  let mail = repairLineEnds(withoutMark(raw, note), note);
  mail = supplySender(encodeHeader(mail, note), note);
  if (findLongLine(mail) >= 0 || mail.includes(FF)) {
    try {
      const { raw: shorter, folded, encoded } = encodeParts(mail);
      for (const name of new Set(folded))
        note('field-folded', `The field ${name} had a line of over 998 octets: it was folded.`);
      for (const type of encoded)
        note(
          'part-encoded',
          `A part of type ${type} had a line of over 998 octets, or a form feed: it was encoded.`,
        );
      mail = shorter;
    } catch (error) {
      if (!(error instanceof UnrepairablePart)) throw error;
      return { code: error.code, detail: error.message };
    }
  }
  return { raw: mail, repairs };
}

type Note = (code: RepairCode, detail: string) => void;

function withoutMark(raw: Buffer, note: Note): Buffer {
  if (!hasByteOrderMark(raw)) return raw;
  note('byte-order-mark', 'The mail began with a byte order mark: it was taken away.');
  return raw.subarray(BYTE_ORDER_MARK.length);
}

function repairLineEnds(raw: Buffer, note: Note): Buffer {
  const { bareLfs } = findLineEndFaults(raw);
  let mail = raw;
  if (bareLfs > 0) {
    mail = insertCrs(raw, NUL, bareLfs);
    note('line-ends', `Line ends of LF alone were made CRLF: ${bareLfs} of them.`);
  }
  const { header, body } = parseMessage(mail);
  if (isBlank(body)) {
    note('body-supplied', 'The mail had no body: it was made an empty line.');
    return Buffer.concat([header.bytes, Buffer.from(`${missingEnd(header.bytes)}\r\n`)]);
  }
  if (endsLine(body)) return mail;
  note('final-line-end', 'The last line had no line end: CRLF was put there.');
  return Buffer.concat([mail, Buffer.from('\r\n')]);
}

/**
 * Returns true if a body is empty, or has white space and line ends only: rspamd hashes the white
 * space, other verifiers do not.
 */
export function isBlank(body: Buffer): boolean {
  let whiteSpace = body.length === 0;
  for (let at = 0; at < body.length; at += 1) {
    const octet = body[at];
    if (isWsp(octet)) whiteSpace = true;
    else if (octet !== CR && octet !== LF) return false;
  }
  return whiteSpace;
}

const endsLine = (octets: Buffer): boolean => octets.subarray(-2).toString('latin1') === '\r\n';

/** What a header lacks of its last line end and of the empty line. */
function missingEnd(header: Buffer): string {
  if (header.subarray(-4).toString('latin1') === '\r\n\r\n') return '';
  return endsLine(header) ? '\r\n' : '\r\n\r\n';
}

function encodeHeader(mail: Buffer, note: Note): Buffer {
  const { header, body } = parseMessage(mail);
  const { bytes, fields } = header;
  if (isAscii(bytes)) return mail;
  const encoded: string[] = [];
  const pieces = fields.map((field): Buffer => {
    const asIs = bytes.subarray(field.start, field.end);
    const done = field.name === '' || isAscii(asIs) ? undefined : encodeField(bytes, field);
    if (done === undefined) return asIs;
    encoded.push(field.name);
    if (done.latin1)
      note(
        'read-as-latin-1',
        `The field ${field.name} had octets that are not UTF-8: they were read as Latin-1.`,
      );
    return done.bytes;
  });
  if (encoded.length > 0)
    note(
      'header-encoded',
      `Octets beyond ASCII were encoded (RFC 2047) in: ${[...new Set(encoded)].join(', ')}.`,
    );
  return Buffer.concat([...pieces, bytes.subarray(fields.at(-1)?.end ?? 0), body]);
}

function supplySender(mail: Buffer, note: Note): Buffer {
  const { header } = parseMessage(mail);
  const sender = suppliedSender(header);
  if (sender === undefined) return mail;
  note(
    'sender-supplied',
    `From named several mailboxes without a Sender field: "Sender: ${sender}" was supplied.`,
  );
  const at = fieldsNamed(header, 'from')[0]?.end ?? 0;
  const field = Buffer.from(`Sender: ${sender}\r\n`, 'latin1');
  return Buffer.concat([mail.subarray(0, at), field, mail.subarray(at)]);
}

/** The address for the Sender field that a From of several mailboxes lacks (RFC 5322 §3.6.2). */
export function suppliedSender(header: ParsedHeader): string | undefined {
  if (!mayNameSeveral(header) || fieldsNamed(header, 'sender').length > 0) return undefined;
  const author = authorOf(header);
  return author.ok && author.addresses.length > 1 ? author.addresses[0] : undefined;
}
