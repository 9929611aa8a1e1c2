/**
 * The reason why a mail gives no report.
 *
 * - `mail-too-large`: larger than any mail with a report within the limits.
 * - `no-report`: no part of the mail is gzip, zip or XML with a report.
 * - `too-many-parts`: more MIME parts, files or reports than are read, or too deeply nested.
 * - `compressed-too-large`, `decompressed-too-large`: over 10 MB as sent, over 100 MB as XML.
 * - `truncated`: the compressed data or the XML ends too early.
 * - `corrupt`: the compressed data is damaged.
 * - `encrypted`: a zip with a password.
 * - `entities`: the XML declares entities, which no report needs and which can grow without end.
 * - `malformed-mail`: a mail whose header has no end.
 * - `malformed`: XML unlike any report: a tag or a text too long, nested too deeply.
 * - `not-a-report`: XML, but not `<feedback>`.
 * - `incomplete`: it lacks what counting needs: a date range, a domain.
 */
export type UnreadableCode =
  | 'mail-too-large'
  | 'malformed-mail'
  | 'no-report'
  | 'too-many-parts'
  | 'compressed-too-large'
  | 'decompressed-too-large'
  | 'truncated'
  | 'corrupt'
  | 'encrypted'
  | 'entities'
  | 'malformed'
  | 'not-a-report'
  | 'incomplete';

/** A mail, or a file in it, that gives no report, however often it is read. The message is for its reader. */
export class UnreadableReport extends Error {
  readonly code: UnreadableCode;

  constructor(code: UnreadableCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableReport';
    this.code = code;
  }
}
