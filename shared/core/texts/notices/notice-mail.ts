import type { Language } from '../../model/contact.ts';
import type { ServiceEvent } from '../../model/event.ts';
import { noticeKinds, type NoticeEventType, type NoticeKind } from '../../model/notice.ts';
import { filled } from '../fill.ts';
import { button, escaped, htmlMail, list, note, paragraph } from '../mails/frame.ts';
import { shownName } from '../mails/shown-name.ts';
import { noticeTexts } from './index.ts';

export interface NoticeMailFields {
  readonly language: Language;
  readonly kind: NoticeKind;
  /** Of the kind, at least one. */
  readonly events: readonly ServiceEvent[];
  /** The operator, as it names itself. */
  readonly sender: string;
  /** The account's name, or its id. */
  readonly account: string;
  /** The address of the dashboard. */
  readonly dashboard: string;
}

/** Domains that a mail names under each heading; the dashboard has all. */
const MOST_NAMED = 20;
const LONGEST_DETAIL = 300;

/** Returns subject and text of a mail about what happened, the most pressing first. */
export function noticeMail(fields: NoticeMailFields): {
  subject: string;
  text: string;
  html: string;
} {
  const { language, kind, sender, dashboard } = fields;
  const t = noticeTexts[language];
  const account = shownName(fields.account) ?? '';
  const parts = (noticeKinds[kind] as readonly NoticeEventType[]).flatMap((type) => {
    const events = fields.events.filter((event) => event.type === type);
    if (events.length === 0) return [];
    const [happened, toDo] = t.events[type];
    return [{ happened, toDo, lines: linesOf(events, fields, account), events }];
  });
  const [first] = parts;
  const intro = filled(t.intro, { sender, account }).replace(/ +\.$/, '.');
  const why = filled(t.why, { account });
  const text = [
    intro,
    ...parts.map(({ happened, toDo, lines }) =>
      [`${heading(happened)}:`, ...lines.map((line) => `- ${line}`), '', toDo].join('\n'),
    ),
    `${t.button}:\n${dashboard}`,
    why,
  ];
  const html = [
    paragraph(intro),
    ...parts.flatMap(({ happened, toDo, lines }) => [
      `<h2 style="font-size:18px">${escaped(heading(happened))}</h2>`,
      list(lines),
      paragraph(toDo),
    ]),
    button(t.button, dashboard),
    note(why),
  ];
  const subject = {
    what: whatOf(first?.events ?? [], account, t.domains),
    happened: first?.happened ?? '',
  };
  return {
    subject: filled(t.subject, subject),
    text: `${text.join('\n\n')}\n`,
    html: htmlMail(language, html),
  };
}

const heading = (happened: string): string =>
  `${happened.slice(0, 1).toUpperCase()}${happened.slice(1)}`;

/** A domain's name, how many there are, or the account. */
function whatOf(events: readonly ServiceEvent[], account: string, domains: string): string {
  const names = new Set(events.map(({ data }) => textOf(data['domain'])));
  const [name = ''] = names;
  if (names.size > 1) return filled(domains, { count: names.size });
  return name === '' ? account : name;
}

function linesOf(
  events: readonly ServiceEvent[],
  { language }: NoticeMailFields,
  account: string,
): string[] {
  const lines = [...new Set(events.map((event) => lineOf(event, language, account)))];
  const more = lines.length - MOST_NAMED;
  const named = lines.toSorted().slice(0, MOST_NAMED);
  return more > 0 ? [...named, filled(noticeTexts[language].more, { count: more })] : named;
}

function lineOf(event: ServiceEvent, language: Language, account: string): string {
  const { data } = event;
  const name = textOf(data['domain']);
  const parts = [name, detailOf(event, language)].filter((part) => part !== '');
  return parts.length === 0 ? account : parts.join(': ');
}

/** What an event says beside its domain: values, which have no language, or the words of a check. */
function detailOf({ type, data }: ServiceEvent, language: Language): string {
  const { name, value, tag, from, to, prefix, email, detail, why } = data;
  if (type === 'rotation.prepared') {
    return filled(noticeTexts[language].record, { name: textOf(name), value: textOf(value) });
  }
  if (type === 'policy.changed') return `${textOf(tag)}: ${textOf(from)} → ${textOf(to)}`;
  if (type.startsWith('api_key.')) {
    return [shownName(textOf(name)), `${textOf(prefix)}…`].filter(Boolean).join(', ');
  }
  if (type.startsWith('user.')) return textOf(email);
  // Checks and plans speak English.
  return language === 'en' ? shortened(textOf(detail) || textOf(why)) : '';
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const shortened = (text: string): string =>
  text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
