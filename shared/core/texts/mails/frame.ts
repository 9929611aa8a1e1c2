/** The HTML of mails: plain, without pictures, and readable where no style is applied. */
import type { Language } from '../../model/contact.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Writes a text as HTML shows it. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (one) => entities[one] ?? '');

/** A paragraph; a note is smaller. */
export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
export const note = (text: string): string =>
  `<p style="color:#55606e;font-size:14px">${escaped(text)}</p>`;

export const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;

/** A link that is shown as a button. */
export const button = (text: string, url: string): string =>
  `<p><a href="${escaped(url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#0a58ca;color:#ffffff;text-decoration:none;font-weight:bold">${escaped(text)}</a></p>`;

/** The whole of a mail, of its paragraphs. */
export const htmlMail = (language: Language, parts: readonly string[]): string =>
  `<!doctype html><html lang="${language}"><meta charset="utf-8"><body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40rem">${parts.join('')}</body></html>\n`;
