import { createHash } from 'node:crypto';
import type { ApiResult } from '#shared/api/http.ts';
import { languages, type Language } from '#shared/core/model/contact.ts';
import { kindOf, recordPurposes } from '#shared/core/records/customer-records.ts';
import { hintTexts } from '#shared/core/texts/hints/index.ts';
import { pageTexts } from '#shared/core/texts/page/index.ts';
import { script } from './script.ts';
import { style } from './style.ts';

const digestOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policy = [
  "default-src 'none'",
  `style-src ${digestOf(style)}`,
  `script-src ${digestOf(script)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const titles: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  nl: 'Nederlands',
};

/** The title of each kind of record; the texts have those that differ between languages. */
const kinds = Object.fromEntries(
  recordPurposes.map((purpose) => [purpose, kindOf({ purpose }).title]),
);

/**
 * Makes the page behind links for DNS administrators, in a language. It is the same for every link:
 * its script asks for the records with the token, which only the browser knows. It loads nothing of
 * others, forbids indexing and sends no Referer field.
 */
export function sharedPage(lang: Language): ApiResult {
  const t = pageTexts[lang];
  const hints = lang === 'en' ? null : hintTexts[lang];
  const known = Object.fromEntries(languages.map((each) => [each, titles[each]]));
  // "<" would end the element.
  const texts = JSON.stringify({ t, hints, kinds, lang, languages: known }).replaceAll(
    '<',
    '\\u003c',
  );
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      'content-language': lang,
      vary: 'accept-language',
    },
    body: `<!doctype html>
<html lang="${lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${t.titleMany.replace(/ *\{count\} */, ' ')}</title>
<style>${style}</style>
<main><div id="main"></div><p id="note" role="status" aria-live="polite"></p><noscript>${t.script}</noscript></main>
<footer id="foot"></footer>
<script type="application/json" id="texts">${texts}</script>
<script>${script}</script>
</html>
`,
  };
}
