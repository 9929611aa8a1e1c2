import { MAX_LINE } from '../line-length.ts';
import type { HeaderField } from '../parse.ts';
import { ADDRESS_FIELDS } from './header-text.ts';

/** RFC 5322 §2.1.1: lines should be of at most so many octets. */
const LINE = 78;

/**
 * Folds the lines of a field that are too long at white space, which unfolding gives back (RFC 5322
 * §2.2.3), and address lists also behind commas.
 *
 * @param bytes the header
 * @returns undefined where a line has no place to fold
 */
export function foldField(bytes: Buffer, field: HeaderField): Buffer | undefined {
  const text = bytes.toString('latin1', field.start, field.end).replace(/\r\n$/, '');
  const folded: string[] = [];
  for (const line of text.split('\r\n')) {
    if (line.length <= MAX_LINE) folded.push(line);
    else if (!foldLine(spaced(line, field.name), folded)) return undefined;
  }
  return Buffer.from(`${folded.join('\r\n')}\r\n`, 'latin1');
}

/**
 * Puts white space where it means nothing: behind the commas of a list without quotes and comments,
 * between message ids (RFC 5322 §3.6.4), and behind the commas of a list of URIs (RFC 2369 §2).
 */
function spaced(line: string, name: string): string {
  if (ADDRESS_FIELDS.has(name) && !/["(\\]/.test(line)) {
    return line.replaceAll(/,(?=[^ \t])/g, ', ');
  }
  if (name === 'references' || name === 'in-reply-to') return line.replaceAll('><', '> <');
  return name.startsWith('list-') ? line.replaceAll('>,<', '>, <') : line;
}

/** @returns false where there is no place to fold */
function foldLine(line: string, folded: string[]): boolean {
  let rest = line;
  while (rest.length > LINE) {
    const at = placeToFold(rest);
    if (at === undefined) break;
    folded.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  folded.push(rest);
  return folded.every(({ length }) => length <= MAX_LINE);
}

/**
 * The last white space within `LINE` octets, else the first one beyond. No line may be left with
 * white space only, nor with the field's name only.
 */
function placeToFold(line: string): number | undefined {
  const name = /^[!-9;-~]+[ \t]*:/.exec(line)?.[0].length ?? 0;
  const first = name + (line.slice(name).search(/[^ \t]/) + 1);
  const last = line.trimEnd().length;
  let found: number | undefined;
  for (let at = first; at < last; at += 1) {
    if (at > LINE && found !== undefined) break;
    const isPlace = /[ \t]/.test(line[at] as string) && !/[ \t]/.test(line[at - 1] as string);
    if (isPlace) found = at;
  }
  return found;
}
