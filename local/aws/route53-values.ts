import { RecordSyntaxError, isRecordType, parseRecord } from '../dns/records.ts';
import type { Token, ZoneRecord } from '../dns/records.ts';
import { readDnsName } from './route53-names.ts';

/** A record set as Route 53 keeps it; the values are as they were given. */
export interface RecordSet {
  /** Canonical. */
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  readonly values: readonly string[];
}

const MAX_STRING = 255;
const MAX_TXT_VALUE = 4000;

/** Printable ASCII but for the quote and the backslash: what a TXT value may have unescaped. */
const PLAIN = /[\x20\x21\x23-\x5b\x5d-\x7e]/;

/**
 * Reads the quoted strings of a TXT value: `\"`, `\\` and octal `\ooo` inside, blanks between.
 * @throws RecordSyntaxError with Route 53's name of the problem
 */
function readStrings(value: string): Token[] {
  if (value.length > MAX_TXT_VALUE) {
    throw new RecordSyntaxError(`RRDATATooLong (Value is longer than ${MAX_TXT_VALUE} characters)`);
  }
  const tokens: Token[] = [];
  for (let at = 0; at < value.length;) {
    if (value[at] === ' ' || value[at] === '\t') {
      at++;
      continue;
    }
    if (value[at] !== '"') {
      throw new RecordSyntaxError(
        'InvalidCharacterString (Value should be enclosed in quotation marks)',
      );
    }
    const { text, next } = readString(value, at + 1);
    tokens.push({ text, quoted: true, escaped: false });
    at = next;
  }
  return tokens;
}

function readString(value: string, start: number): { text: string; next: number } {
  let text = '';
  for (let at = start; at < value.length;) {
    const char = value[at] ?? '';
    if (char === '"') {
      if (text.length > MAX_STRING) {
        throw new RecordSyntaxError('CharacterStringTooLong (Value is too long)');
      }
      return { text, next: at + 1 };
    }
    const octal = /^\\([0-3][0-7]{2})/.exec(value.slice(at, at + 4));
    if (octal !== null) {
      text += String.fromCharCode(Number.parseInt(octal[1] ?? '', 8));
      at += 4;
    } else if (char === '\\' && (value[at + 1] === '"' || value[at + 1] === '\\')) {
      text += value[at + 1];
      at += 2;
    } else if (PLAIN.test(char)) {
      text += char;
      at++;
    } else {
      throw new RecordSyntaxError(
        'InvalidCharacterString (Value contains a character that must be escaped in octal)',
      );
    }
  }
  throw new RecordSyntaxError(
    'InvalidCharacterString (Value should be enclosed in quotation marks)',
  );
}

const words = (value: string): Token[] =>
  value
    .trim()
    .split(/\s+/)
    .map((text) => ({ text: text.replace(/^"(.*)"$/, '$1'), quoted: false, escaped: false }));

/**
 * Returns the DNS records of a record set.
 * @throws RecordSyntaxError with a message as Route 53 puts it, about the first value that is wrong
 */
export function recordsOf(set: RecordSet): ZoneRecord[] {
  const { name, type, ttl } = set;
  if (!isRecordType(type)) {
    throw new RecordSyntaxError(`The stand-in does not support records of type ${type}`);
  }
  return set.values.map((value) => {
    try {
      const data = type === 'TXT' ? readStrings(value) : words(value);
      return parseRecord({ name, type, ttl }, data, ({ text }) => readDnsName(text));
    } catch (error) {
      if (!(error instanceof RecordSyntaxError)) throw error;
      const problem = error.message.includes('(') ? error.message : `${type} (${error.message})`;
      throw new RecordSyntaxError(
        `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`,
      );
    }
  });
}

/** Returns true if two record sets publish the same data with the same TTL, in any order. */
export function sameRecords(a: RecordSet, b: RecordSet): boolean {
  const data = (set: RecordSet): string =>
    recordsOf(set)
      .map((record) => JSON.stringify(record.data))
      .sort()
      .join('\n');
  return a.ttl === b.ttl && data(a) === data(b);
}
