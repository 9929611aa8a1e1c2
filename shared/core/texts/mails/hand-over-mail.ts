import type { Contact } from '../../model/contact.ts';
import { mailDays, type MailDay } from '../../model/hand-over.ts';
import { filled } from '../fill.ts';
import { button, htmlMail, list, note, paragraph } from './frame.ts';
import { mailTexts } from './index.ts';
import { shownName } from './shown-name.ts';

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
    paragraph(parts.hello),
    paragraph(parts.asks),
    list(lines),
    paragraph(t.how),
    button(t.button, url),
    ...parts.end.map(note),
  ];
  return {
    subject: filled(day === 0 ? t.subject : t.reminderSubject, { what }),
    text: `${text.join('\n\n')}\n`,
    html: htmlMail(language, html),
  };
}
