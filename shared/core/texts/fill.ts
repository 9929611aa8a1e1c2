import { languages, type Language } from '../model/contact.ts';

/** Fills a text's places, `{name}`, with values. */
export const filled = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));

const isLanguage = (text: string): text is Language =>
  (languages as readonly string[]).includes(text);

/**
 * Returns the language to write in: the one that is wanted, else the first of those that a browser
 * takes (`Accept-Language`, RFC 9110 §12.5.4), by their quality; English where none is known.
 */
export function languageFor(wanted: string | undefined, accepted: string | undefined): Language {
  if (wanted !== undefined && isLanguage(wanted)) return wanted;
  const ranges = (accepted ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
      const [, quality = '1'] = /^\s*q=([\d.]+)$/.exec(parameters.join(';')) ?? [];
      return { language: tag.split('-')[0] ?? '', quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  return ranges.map(({ language }) => language).find(isLanguage) ?? 'en';
}
