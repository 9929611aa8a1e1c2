import type { DomainName } from '../model/names.ts';
import { parseAddressList } from './addresses.ts';
import { type ParsedHeader, fieldValue, fieldsNamed } from './parse.ts';

/** The addresses that a field names, all under one domain; or why they cannot be parsed. */
export type Author =
  | { readonly ok: true; readonly domain: DomainName; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly refusal: AuthorRefusal };

export interface AuthorRefusal {
  readonly code:
    | 'missing'
    | 'repeated'
    | 'unreadable'
    | 'group'
    | 'several-domains'
    | 'several-mailboxes';
  /** A sentence: what is wrong, with what, and what to do. */
  readonly detail: string;
}

/**
 * The one domain that a message is from. Refused where From is absent, repeated, a group, of
 * several domains, or where two readings are possible: a message is never signed for the likelier.
 */
export function authorOf(header: ParsedHeader): Author {
  return readAuthor(header, 'From');
}

/** Returns false where From certainly names one mailbox only, without reading its addresses. */
export function mayNameSeveral(header: ParsedHeader): boolean {
  return fieldsNamed(header, 'from').some((field) => fieldValue(header, field).includes(COMMA));
}

const COMMA = 0x2c;

/**
 * The one mailbox of the Sender field (RFC 5322 §3.6.2); undefined where there is no such field.
 */
export function senderOf(header: ParsedHeader): Author | undefined {
  if (fieldsNamed(header, 'sender').length === 0) return undefined;
  const sender = readAuthor(header, 'Sender');
  if (!sender.ok || sender.addresses.length === 1) return sender;
  return refuse(
    'several-mailboxes',
    `Sender names ${sender.addresses.length} mailboxes; give one.`,
  );
}

function readAuthor(header: ParsedHeader, name: 'From' | 'Sender'): Author {
  const [field, ...more] = fieldsNamed(header, name.toLowerCase());
  if (field === undefined) return refuse('missing', `The message has no ${name} field; add one.`);
  if (more.length > 0)
    return refuse('repeated', `The message has ${more.length + 1} ${name} fields; keep one.`);
  const list = parseAddressList(fieldValue(header, field));
  if (!list.ok)
    return refuse(
      'unreadable',
      `${name} cannot be read: ${list.detail}. Write it as "Name" <user@domain>.`,
    );
  if (list.groups > 0)
    return refuse('group', `${name} is a group, which receivers read differently; give a mailbox.`);
  const domains = new Set(list.mailboxes.map((mailbox) => mailbox.domain));
  const [domain, ...others] = domains;
  if (domain === undefined || others.length > 0) {
    return refuse(
      'several-domains',
      `${name} names mailboxes of ${[...domains].join(' and ')}; give mailboxes of one domain.`,
    );
  }
  return { ok: true, domain, addresses: list.mailboxes.map((mailbox) => mailbox.address) };
}

function refuse(code: AuthorRefusal['code'], detail: string): Author {
  return { ok: false, refusal: { code, detail } };
}
