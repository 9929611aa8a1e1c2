import type { Contact } from '../../model/contact.ts';
import { mailDays, type MailDay } from '../../model/hand-over.ts';
import { filled } from '../fill.ts';
import { mailTexts } from './index.ts';

/** A domain that a contact has yet to do something for. */
export interface DomainLeft {
  readonly name: string;
  /** The required records that are not right. */
  readonly left: number;
}

export interface HandOverMailFields {
  readonly contact: Pick<Contact, 'name' | 'language'>;
  readonly day: MailDay;
  /** Who asks, as the operator names itself. */
  readonly sender: string;
  readonly domains: readonly DomainLeft[];
  /** The page, with its token. */
  readonly url: string;
  /** When the link ends, ISO 8601. */
  readonly expiresAt: string;
}

/** Domains that a mail names; the page has all. */
const MOST_NAMED = 20;

/** Returns subject and text of a mail that asks a contact to add records, or reminds of it. */
export function handOverMail(fields: HandOverMailFields): {
  subject: string;
  text: string;
  html: string;
} {
  const { contact, day, sender, domains, url, expiresAt } = fields;
  const language = contact.language ?? 'en';
  const t = mailTexts[language];
  const [first] = domains;
  const what =
    domains.length === 1 && first ? first.name : filled(t.domains, { count: domains.length });
  const name = shownName(contact.name);
  const named = domains.slice(0, MOST_NAMED);
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(expiresAt),
  );
  const lines = [
    ...named.map((domain) => filled(t.left, { domain: domain.name, count: domain.left })),
    ...(domains.length > named.length
      ? [filled(t.more, { count: domains.length - named.length })]
      : []),
  ];
  const parts = {
    hello: name === undefined ? t.helloNobody : filled(t.hello, { name }),
    asks: filled(day === 0 ? t.asks : t.reminds, { sender }),
    end: [
      ...(day === mailDays.at(-1) ? [t.last] : []),
      filled(t.until, { date }),
      filled(t.why, { sender }),
    ],
  };
  const text = [
    parts.hello,
    parts.asks,
    lines.map((line) => `- ${line}`).join('\n'),
    t.how,
    `${t.button}:\n${url}`,
    ...parts.end,
  ];
  const html = [
    `<p>${escaped(parts.hello)}</p>`,
    `<p>${escaped(parts.asks)}</p>`,
    `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`,
    `<p>${escaped(t.how)}</p>`,
    `<p><a href="${escaped(url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#0a58ca;color:#ffffff;text-decoration:none;font-weight:bold">${escaped(t.button)}</a></p>`,
    ...parts.end.map((line) => `<p style="color:#55606e;font-size:14px">${escaped(line)}</p>`),
  ];
  return {
    subject: filled(day === 0 ? t.subject : t.reminderSubject, { what }),
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40rem">${html.join('')}</body></html>\n`,
  };
}

/** The name as a mail greets with it: nothing that a mail program would make a link of. */
function shownName(name = ''): string | undefined {
  const text = name.trim();
  const isName = /^[\p{L}\p{M}' .-]{1,60}$/u.test(text) && !/\S\.\S/.test(text);
  return isName ? text : undefined;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (one) => entities[one] ?? '');
