/** The tags of a list by name: values without white space around them, folds inside made one space. */
export type TagList = ReadonlyMap<string, string>;

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const LINE_END = /\r\n/g; // of a fold, or before a line that was joined to the field
const WSP = /[ \t]+/g;
/** Printable ASCII, and UTF-8 for internationalized mail (RFC 8616 §3). */
const TAG_VALUE = /^[^\p{Cc};]*$/u;

/**
 * Reads a tag-list (RFC 6376 §3.2). Tag names are case-sensitive.
 *
 * @returns undefined where it is not well formed: a name twice, an empty spec but for one at the
 *   end, no `=`, or a character not allowed there
 */
export function parseTagList(text: string): TagList | undefined {
  const specs = text.replace(LINE_END, ' ').split(';');
  const tags = new Map<string, string>();
  for (const [i, untrimmed] of specs.entries()) {
    const spec = trimWsp(untrimmed);
    if (spec === '' && i > 0 && i === specs.length - 1) break;
    const equals = spec.indexOf('=');
    if (equals < 0) return undefined;
    const name = trimWsp(spec.slice(0, equals));
    const value = trimWsp(spec.slice(equals + 1)).replace(WSP, ' ');
    if (!TAG_NAME.test(name) || !TAG_VALUE.test(value) || tags.has(name)) return undefined;
    tags.set(name, value);
  }
  return tags;
}

/** A value that may be folded anywhere, such as base64, without its white space. */
export function withoutWsp(value: string): string {
  return value.replace(WSP, '');
}

/** The elements of a list with colons between, in lower case: `h=`, `q=`, and `s=`, `t=` of keys. */
export function colonList(value: string): string[] {
  return value.split(':').map((element) => trimWsp(element).toLowerCase());
}

function trimWsp(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
}
