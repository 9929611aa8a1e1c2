/**
 * Names what differs between a record and the one that is to take its place, term by term, as part
 * of a sentence. Characters that cannot be seen are shown by their code points.
 *
 * @param separator of terms: white space, or the semicolon of tags
 * @returns undefined where only spaces differ
 */
export function markedChange(
  before: readonly string[],
  after: string,
  separator: RegExp = / +/,
): string | undefined {
  const termsOf = (text: string) => text.split(separator);
  const old = before.flatMap(termsOf).filter((term) => term !== '');
  const now = termsOf(after).filter((term) => term !== '');
  const removed = [...new Set(old.filter((term) => !now.includes(term)))];
  const added = [...new Set(now.filter((term) => !old.includes(term)))];
  const parts = [
    ...(removed.length > 0 ? [`without ${removed.map(shown).join(', ')}`] : []),
    ...(added.length > 0 ? [`with ${added.map(shown).join(', ')}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

const shown = (term: string): string =>
  `"${term.replaceAll(/[^\x20-\x7e]/gu, (character) => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`)}"`;
