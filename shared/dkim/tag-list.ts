/** The tags of a list by name: values without white space around them, folds inside made one space. */
export type TagList = ReadonlyMap<string, string>;

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const FWS = /[ \t\r\n]+/g;
/** Printable ASCII, and UTF-8 for internationalized mail (RFC 8616 §3). */
const TAG_VALUE = /^[^\p{Cc};]*$/u;

/**
 * Reads a tag-list (RFC 6376 §3.2). Tag names are case-sensitive.
 *
 * @returns undefined where it is not well formed: a name twice, an empty spec but for one at the
 *   end, no `=`, or a character that cannot stand there
 */
export function parseTagList(text: string): TagList | undefined {
  const specs = text.split(';');
  if (specs.length > 1 && trimFws(specs.at(-1)) === '') specs.pop();
  const tags = new Map<string, string>();
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    if (equals < 0) return undefined;
    const name = trimFws(spec.slice(0, equals));
    const value = trimFws(spec.slice(equals + 1)).replace(FWS, ' ');
    if (!TAG_NAME.test(name) || !TAG_VALUE.test(value) || tags.has(name)) return undefined;
    tags.set(name, value);
  }
  return tags;
}

/** A value that may be folded anywhere, such as base64, without its white space. */
export function withoutFws(value: string): string {
  return value.replace(FWS, '');
}

/** The elements of a list with colons between, in lower case: `h=`, `q=`, and `s=`, `t=` of keys. */
export function colonList(value: string): string[] {
  return value.split(':').map((element) => trimFws(element).toLowerCase());
}

function trimFws(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '');
}
