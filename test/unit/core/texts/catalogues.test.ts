import { describe, expect, test } from 'vitest';
import { languages } from '#shared/core/model/contact.ts';
import { recordCodes } from '#shared/core/records/codes.ts';
import { recordPurposes } from '#shared/core/records/customer-records.ts';
import { filled } from '#shared/core/texts/fill.ts';
import { hintTexts } from '#shared/core/texts/hints/index.ts';
import { mailTexts } from '#shared/core/texts/mails/index.ts';
import { noticeTexts } from '#shared/core/texts/notices/index.ts';
import { pageTexts } from '#shared/core/texts/page/index.ts';

/** The texts of a catalogue by their path, however deep. */
function textsOf(catalogue: object, path = ''): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : textsOf(value as object, `${path}${key}.`),
  );
}
const placesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)),
];

describe.each([
  ['the page', pageTexts],
  ['mails', mailTexts],
  ['notices', noticeTexts],
])('the texts of %s', (_what, catalogues) => {
  const english = new Map(textsOf(catalogues.en));

  test.each(languages)('in %s are all there, with the same places to fill in', (language) => {
    const texts = textsOf(catalogues[language]);
    expect(texts.map(([key]) => key)).toEqual([...english.keys()]);
    for (const [key, text] of texts) {
      expect([key, placesIn(text).toSorted()]).toEqual([
        key,
        placesIn(english.get(key)!).toSorted(),
      ]);
      expect([key, text.trim()]).toEqual([key, text]);
      expect(text).not.toBe('');
    }
  });

  test('are not left in English', () => {
    for (const language of languages.filter((one) => one !== 'en')) {
      const same = textsOf(catalogues[language]).filter(([key, text]) => text === english.get(key));
      // "Name", "Type" and the like are the same in several.
      expect([language, same.length <= 4]).toEqual([language, true]);
    }
  });
});

test.each(languages)('in %s the page says what each kind of record is for', (language) => {
  const { parked, ...why } = pageTexts[language].why;
  expect(Object.keys(why).toSorted()).toEqual(recordPurposes.toSorted());
  expect(parked).toBeDefined();
});

test.each(Object.entries(hintTexts))('hints in %s: one for each fault', (_language, hints) => {
  expect(Object.keys(hints).toSorted()).toEqual([...recordCodes].toSorted());
  for (const text of Object.values(hints)) {
    expect(placesIn(text).filter((name) => name !== 'name')).toEqual([]);
    expect(text).toMatch(/[.?]$/);
  }
});

test('places are filled in, and those without a value are empty', () => {
  expect(filled('{a} of {b}{c}', { a: 1, b: 'x' })).toBe('1 of x');
});
