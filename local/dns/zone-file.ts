import {
  canonicalName,
  isRecordType,
  isWithin,
  parseName,
  parseRecord,
  parseTtl,
} from './records.ts';
import { RECORD_TYPES, RecordSyntaxError } from './records.ts';
import type { Token, ZoneRecord } from './records.ts';

/** A zone file that cannot be served, with the line that is wrong. */
export class ZoneFileError extends Error {
  override readonly name = 'ZoneFileError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

/** One logical line: parentheses joined, comments gone. */
interface Entry {
  readonly line: number;
  /** The line starts with white space, so the owner is the one before (RFC 1035 §5.1). */
  readonly ownerOmitted: boolean;
  readonly tokens: readonly Token[];
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\r';

/** Reads an escape after its backslash (RFC 1035 §5.1: `\DDD` decimal or `\X`); gives the octet and what follows. */
function readEscape(text: string, at: number, line: number): { char: string; next: number } {
  const digits = /^\d{3}/.exec(text.slice(at, at + 3));
  if (digits !== null) {
    const code = Number(digits[0]);
    if (code > 255) throw new ZoneFileError(line, `\\${digits[0]} is not an octet`);
    return { char: String.fromCharCode(code), next: at + 3 };
  }
  const char = text[at];
  if (char === undefined || char === '\n') throw new ZoneFileError(line, 'a \\ ends the line');
  return { char, next: at + 1 };
}

function readQuoted(text: string, start: number, line: number): { token: Token; next: number } {
  let value = '';
  let escaped = false;
  for (let at = start; at < text.length;) {
    const char = text[at] ?? '';
    if (char === '"') return { token: { text: value, quoted: true, escaped }, next: at + 1 };
    if (char === '\n') break;
    if (char === '\\') {
      const escape = readEscape(text, at + 1, line);
      value += escape.char;
      escaped = true;
      at = escape.next;
    } else {
      value += char;
      at++;
    }
  }
  throw new ZoneFileError(line, 'a quoted string is not closed');
}

function readWord(text: string, start: number, line: number): { token: Token; next: number } {
  let value = '';
  let escaped = false;
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (isBlank(char) || '\n;()"'.includes(char)) break;
    if (char === '\\') {
      const escape = readEscape(text, at + 1, line);
      value += escape.char;
      escaped = true;
      at = escape.next;
    } else {
      value += char;
      at++;
    }
  }
  return { token: { text: value, quoted: false, escaped }, next: at };
}

function readEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  let tokens: Token[] = [];
  let line = 1;
  let entryLine = 1;
  let ownerOmitted = false;
  let depth = 0;
  let lineStart = true;
  const finish = (): void => {
    if (tokens.length > 0) entries.push({ line: entryLine, ownerOmitted, tokens });
    tokens = [];
  };
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? '';
    if (lineStart && depth === 0) {
      ownerOmitted = isBlank(char);
      entryLine = line;
    }
    lineStart = false;
    if (char === '\n') {
      if (depth === 0) finish();
      line++;
      lineStart = true;
      at++;
    } else if (isBlank(char)) {
      at++;
    } else if (char === ';') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (char === '(') {
      depth++;
      at++;
    } else if (char === ')') {
      if (depth === 0) throw new ZoneFileError(line, 'a ) closes nothing');
      depth--;
      at++;
    } else {
      const read = char === '"' ? readQuoted(text, at + 1, line) : readWord(text, at, line);
      tokens.push(read.token);
      at = read.next;
    }
  }
  if (depth > 0) throw new ZoneFileError(entryLine, 'a ( is not closed');
  finish();
  return entries;
}

/** The TTL where a file gives none at all. */
const DEFAULT_TTL = 3600;

interface Header {
  readonly ttl: number | undefined;
  readonly type: string;
  readonly data: readonly Token[];
}

/** Reads `[TTL] [class] type data` in either order of TTL and class (RFC 1035 §5.1). */
function readHeader(tokens: readonly Token[]): Header {
  let ttl: number | undefined;
  for (const [index, token] of tokens.entries()) {
    const word = token.text.toUpperCase();
    const seconds = parseTtl(word);
    if (token.quoted) break;
    if (seconds !== undefined && ttl === undefined) ttl = seconds;
    else if (['CH', 'HS', 'CS'].includes(word)) {
      throw new RecordSyntaxError(`class ${word} is not served, only IN`);
    } else if (word !== 'IN') return { ttl, type: word, data: tokens.slice(index + 1) };
  }
  throw new RecordSyntaxError('the record has no type');
}

/** Zone data may not have a CNAME beside anything else, nor two of them (RFC 2181 §10.1). */
function checkAliases(records: readonly { record: ZoneRecord; line: number }[]): void {
  for (const { record, line } of records) {
    if (record.type !== 'CNAME') continue;
    const others = records.filter((other) => other.record.name === record.name);
    if (others.length > 1) {
      throw new ZoneFileError(line, `${record.name} has a CNAME and other records beside it`);
    }
  }
}

/**
 * Parses a master file (RFC 1035 §5, RFC 2308 §4) in BIND's dialect: $ORIGIN, $TTL with units,
 * `@`, relative names, parentheses, comments, omitted owners. $INCLUDE and $GENERATE are refused.
 * @param text one character an octet, so read the file as latin1
 * @param zone the zone's name, which is the first origin
 * @throws ZoneFileError
 */
export function parseZoneFile(text: string, zone: string): ZoneRecord[] {
  const apex = canonicalName(zone);
  const found: { record: ZoneRecord; line: number }[] = [];
  let origin = apex;
  let owner: string | undefined;
  let defaultTtl: number | undefined;
  let lastTtl: number | undefined;

  const absolute = (token: Token): string => {
    if (token.escaped && token.text !== '*') {
      throw new RecordSyntaxError(`the name ${token.text} has an escape, which is not supported`);
    }
    if (token.text === '@') return origin;
    if (token.text.endsWith('.')) return parseName(token.text);
    return parseName(origin === '' ? token.text : `${token.text}.${origin}`);
  };

  const readDirective = (tokens: readonly Token[]): void => {
    const [directive, argument] = tokens;
    const name = directive?.text.toUpperCase() ?? '';
    if (argument === undefined || tokens.length !== 2) {
      throw new RecordSyntaxError(`${name} takes one argument`);
    }
    if (name === '$ORIGIN') {
      origin = absolute(argument);
    } else if (name === '$TTL') {
      defaultTtl = parseTtl(argument.text);
      if (defaultTtl === undefined) throw new RecordSyntaxError(`${argument.text} is not a TTL`);
    } else {
      throw new RecordSyntaxError(`${name} is not supported`);
    }
  };

  const readRecord = (entry: Entry): ZoneRecord => {
    const [first, ...rest] = entry.tokens;
    if (!entry.ownerOmitted && first !== undefined) owner = absolute(first);
    if (owner === undefined) throw new RecordSyntaxError('the first record has no owner name');
    const { ttl, type, data } = readHeader(entry.ownerOmitted ? entry.tokens : rest);
    if (!isRecordType(type)) {
      throw new RecordSyntaxError(
        `type ${type} is not supported; known are ${RECORD_TYPES.join(', ')}`,
      );
    }
    if (!isWithin(owner, apex)) throw new RecordSyntaxError(`${owner} is not within ${apex}`);
    lastTtl = ttl ?? lastTtl;
    const effective = ttl ?? defaultTtl ?? lastTtl ?? DEFAULT_TTL;
    return parseRecord({ name: owner, type, ttl: effective }, data, absolute);
  };

  for (const entry of readEntries(text)) {
    try {
      if (!entry.ownerOmitted && entry.tokens[0]?.text.startsWith('$') === true) {
        readDirective(entry.tokens);
      } else {
        found.push({ record: readRecord(entry), line: entry.line });
      }
    } catch (error) {
      if (error instanceof RecordSyntaxError) throw new ZoneFileError(entry.line, error.message);
      throw error;
    }
  }
  checkAliases(found);
  return found.map(({ record }) => record);
}
