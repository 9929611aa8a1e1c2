import { AwsError } from './http.ts';

/** One header field as it is in the message. */
export interface HeaderField {
  readonly name: string;
  /** Unfolded, without white space at its ends; one character an octet. */
  readonly value: string;
  /** Name, colon, value and folds, with the final line end; one character an octet. */
  readonly raw: string;
}

export interface RawMessage {
  readonly fields: readonly HeaderField[];
  /** Everything after the blank line. */
  readonly body: Buffer;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** Octets that API v1 takes; v2 takes more. */
export const V1_MAX_OCTETS = 10 * 1024 * 1024;
const MAX_LINE = 998;
const MAX_PARTS = 500;

/** Fields that SES takes once only, as its developer guide lists them ("Amazon SES header fields"). */
const ONCE_ONLY = new Set(
  `accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative
  content-base content-class content-description content-disposition content-duration content-id
  content-language content-length content-location content-md5 content-transfer-encoding content-type
  date delivered-to disposition-notification-options disposition-notification-to dkim-signature
  domainkey-signature errors-to from importance in-reply-to keywords list-archive list-help list-id
  list-owner list-post list-subscribe list-unsubscribe list-unsubscribe-post message-context message-id
  mime-version organization original-from original-message-id original-recipient original-subject
  precedence priority references reply-to return-path return-receipt-to sender solicitation sensitivity
  subject thread-index thread-topic user-agent vbr-info`.split(/\s+/),
);

/** Fields that steer SES; the stand-in has the API's parameters only and takes them for a mistake. */
const STEERING = /^x-ses-(?:source-arn|from-arn|return-path-arn|configuration-set|message-tags)$/;

/** Returns where the body begins: after the first empty line, or at the end. */
function headerEnd(raw: Buffer): { end: number; bodyStart: number } {
  if (raw.subarray(0, 2).toString('latin1') === '\r\n') return { end: 0, bodyStart: 2 };
  if (raw[0] === 0x0a) return { end: 0, bodyStart: 1 };
  const crlf = raw.indexOf('\r\n\r\n');
  const lf = raw.indexOf('\n\n');
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return { end: crlf + 2, bodyStart: crlf + 4 };
  return lf === -1
    ? { end: raw.length, bodyStart: raw.length }
    : { end: lf + 1, bodyStart: lf + 2 };
}

/**
 * Splits a message into its header fields and its body.
 * @throws AwsError InvalidParameterValue where a header line is none
 */
export function splitMessage(raw: Buffer): RawMessage {
  const { end, bodyStart } = headerEnd(raw);
  const header = raw.toString('latin1', 0, end);
  const fields = header
    .split(/(?<=\n)(?![ \t])/)
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)$/s.exec(line);
      if (match === null) throw invalid(`Invalid header line: '${line.trim().slice(0, 80)}'.`);
      const [, name = '', value = ''] = match;
      return { name, value: value.replaceAll(/\r?\n/g, '').trim(), raw: line };
    });
  return { fields, body: raw.subarray(bodyStart) };
}

/** The values of all fields of that name, which is given in lower case. */
export const fieldValues = ({ fields }: RawMessage, name: string): string[] =>
  fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value);

function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\//i.test(contentType)) return undefined;
  const match = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(contentType);
  return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
}

/** Counts the entities of a MIME message, itself among them; stops beyond the limit. */
function countParts(entity: Buffer, left: number): number {
  if (left <= 0) return 1;
  const { end, bodyStart } = headerEnd(entity);
  const header = entity.toString('latin1', 0, end).replaceAll(/\r?\n(?=[ \t])/g, '');
  const contentType = /^content-type[ \t]*:(.*)$/im.exec(header)?.[1];
  const boundary = boundaryOf(contentType);
  if (boundary === undefined || boundary === '') return 1;
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const starts: number[] = [];
  for (let at = entity.indexOf(delimiter, bodyStart); at !== -1;) {
    const after = at + delimiter.length;
    const atLineStart = at === bodyStart || entity[at - 1] === 0x0a;
    // Another boundary may begin with this one.
    if (atLineStart && /^(?:--|[ \t\r\n]|$)/.test(entity.toString('latin1', after, after + 2))) {
      starts.push(at);
    }
    at = entity.indexOf(delimiter, after);
  }
  let count = 1;
  for (const [index, start] of starts.entries()) {
    const after = start + delimiter.length;
    if (entity.toString('latin1', after, after + 2) === '--') break;
    const lineEnd = entity.indexOf(0x0a, after);
    if (lineEnd === -1) break;
    count += countParts(entity.subarray(lineEnd + 1, starts[index + 1]), left - count);
    if (count > left) break;
  }
  return count;
}

function checkLines(raw: Buffer): void {
  for (let start = 0; start < raw.length;) {
    const newline = raw.indexOf(0x0a, start);
    const next = newline === -1 ? raw.length : newline;
    const end = next > start && raw[next - 1] === 0x0d ? next - 1 : next;
    if (end - start > MAX_LINE) {
      throw invalid(`A line has ${end - start} octets where ${MAX_LINE} and CRLF are the most.`);
    }
    start = next + 1;
  }
}

function checkFields({ fields }: RawMessage): void {
  const seen = new Set<string>();
  for (const { name, raw } of fields) {
    const lower = name.toLowerCase();
    if (ONCE_ONLY.has(lower) && seen.has(lower)) throw invalid(`Duplicate header '${name}'.`);
    seen.add(lower);
    if (STEERING.test(lower)) {
      throw invalid(`The stand-in does not support the header ${name}: use the parameter.`);
    }
    if (/\P{ASCII}/u.test(raw)) throw invalid(`Header ${name} contains non-ASCII characters.`);
  }
  if (!seen.has('from')) throw invalid("Missing required header 'From'.");
}

/**
 * Holds a raw message to SES's rules: its size, lines of 998 octets, 500 MIME parts, ASCII header
 * fields, one From, no repeated singular field.
 * @throws AwsError InvalidParameterValue
 */
export function checkMessage(raw: Buffer, maxOctets: number): RawMessage {
  if (raw.length > maxOctets) {
    throw invalid(`Message length is more than ${maxOctets} bytes long: '${raw.length}'.`);
  }
  const message = splitMessage(raw);
  checkFields(message);
  checkLines(raw);
  if (countParts(raw, MAX_PARTS) > MAX_PARTS) {
    throw invalid(`The message has more than ${MAX_PARTS} MIME parts.`);
  }
  return message;
}
