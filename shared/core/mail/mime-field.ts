/** A MIME field's value and its parameters (RFC 2045 §5.1). */
export interface MimeField {
  /** Lower case, without comments: `multipart/mixed`; empty where the field is. */
  readonly value: string;
  /** By name in lower case; continuations joined, percent codes decoded (RFC 2231). */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Parses a MIME field, comments (RFC 822 §3.4.3) and RFC 2231's parameters included. */
export function parseMimeField(text: string): MimeField {
  const [value = '', ...rest] = piecesOf(text);
  return { value: value.trim().toLowerCase(), parameters: joined(rest.flatMap(parameterOf)) };
}

/** The parts between semicolons, without comments; quoted strings stay as they are written. */
function piecesOf(text: string, comments = true): string[] {
  const pieces = [''];
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    const escaped = character === '\\' && (quoted || depth > 0);
    const taken = escaped ? text.slice(at, at + 2) : character;
    if (escaped) at += 1;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (character === '(' && comments && !quoted) depth += 1;
    if (depth === 0 && !quoted && character === ';') pieces.push('');
    else if (depth === 0) pieces[pieces.length - 1] += taken;
    if (character === ')' && !escaped && depth > 0) depth -= 1;
  }
  // A parenthesis that is never closed begins no comment.
  return depth > 0 ? piecesOf(text, false) : pieces;
}

interface Parameter {
  readonly name: string;
  /** The position among the continuations of a value; 0 for a whole one. */
  readonly section: number;
  readonly encoded: boolean;
  readonly value: string;
}

/** `boundary=x`, `boundary*0=x`, `boundary*=us-ascii''x`, `boundary*0*=us-ascii''x`. */
function parameterOf(piece: string): Parameter[] {
  const equals = piece.indexOf('=');
  const found = /^([^*\s]+)(?:\*(\d{1,3}))?(\*)?$/.exec(piece.slice(0, Math.max(0, equals)).trim());
  if (found === null) return [];
  const [, name = '', section = '0', star] = found;
  const value = unquoted(piece.slice(equals + 1).trim());
  return [{ name: name.toLowerCase(), section: Number(section), encoded: star === '*', value }];
}

function unquoted(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"?/.exec(text)?.[1];
  // A token ends at white space; what follows is not part of it.
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? (text.split(/\s/)[0] as string);
}

function joined(parameters: readonly Parameter[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, section, encoded, value } of parameters.toSorted(
    (a, b) => a.section - b.section,
  )) {
    const before = values.get(name);
    // Of two values of one name the first counts.
    if (before !== undefined && section === 0) continue;
    // The first section begins with the charset and the language.
    const text = encoded && section === 0 ? value.replace(/^[^']*'[^']*'/, '') : value;
    values.set(name, (before ?? '') + (encoded ? percentDecoded(text) : text));
  }
  return values;
}

const percentDecoded = (text: string): string =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_code, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
