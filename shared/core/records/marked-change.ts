/** One term that a record and the one in its place do not both have. */
export interface Change {
  readonly kind: 'added' | 'removed';
  readonly text: string;
  /** Where the term begins, in UTF-16 code units: of the new text, or of the old one. */
  readonly at: number;
  /** The index of the old text; absent where the term is added. */
  readonly observed?: number;
}

/**
 * Returns what differs between records and the one that is to take their place, term by term;
 * nothing where only spaces differ. A term that is there several times is in it once.
 *
 * @param separator of terms: white space, or the semicolon of tags
 */
export function changesOf(
  before: readonly string[],
  after: string,
  separator: RegExp = / +/,
): readonly Change[] {
  const old = before.map((text) => termsOf(text, separator));
  const now = termsOf(after, separator);
  const known = new Set(old.flat().map(({ text }) => text));
  const kept = new Set(now.map(({ text }) => text));
  const removed = old.flatMap((terms, observed) =>
    terms
      .filter(({ text }) => !kept.has(text))
      .map((term): Change => ({ kind: 'removed', ...term, observed })),
  );
  const added = now
    .filter(({ text }) => !known.has(text))
    .map((term): Change => ({ kind: 'added', ...term }));
  return [...onceEach(removed), ...onceEach(added)];
}

const onceEach = (changes: readonly Change[]): readonly Change[] =>
  [...new Map(changes.toReversed().map((change) => [change.text, change])).values()].toReversed();

function termsOf(text: string, separator: RegExp): { text: string; at: number }[] {
  let at = 0;
  const parts = text.split(new RegExp(`(${separator.source})`, separator.flags));
  return parts.flatMap((part, index) => {
    const term = { text: part, at };
    at += part.length;
    return index % 2 === 0 && part !== '' ? [term] : [];
  });
}

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
  const changes = changesOf(before, after, separator);
  const named = (kind: Change['kind'], word: string): string[] => {
    const texts = changes.filter((change) => change.kind === kind).map(({ text }) => shown(text));
    return texts.length > 0 ? [`${word} ${texts.join(', ')}`] : [];
  };
  const parts = [...named('removed', 'without'), ...named('added', 'with')];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

const shown = (term: string): string =>
  `"${term.replaceAll(/[^\x20-\x7e]/gu, (character) => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`)}"`;
