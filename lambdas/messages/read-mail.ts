import { shapedAs } from '#shared/api/http.ts';
import { mailRequest, type MailboxRequest } from '#shared/api/routes/message-requests.ts';
import type { MailFields, Mailbox } from '#shared/app/ports/mail-composer.ts';
import { parseAddressList } from '#shared/core/mail/addresses.ts';
import { Refusal } from '#shared/core/model/errors.ts';

/** A file of a mail: its content, or the id of the upload that it is. */
export interface RequestedAttachment {
  readonly filename: string;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
  readonly source: { readonly content: Buffer } | { readonly upload: string };
}

/** A mail as JSON asks for it. */
export interface RequestedMail extends Omit<MailFields, 'attachments'> {
  readonly attachments: readonly RequestedAttachment[];
  /** Each once, those of Bcc among them. */
  readonly recipients: readonly string[];
}

/** Names that other services have for the same fields. */
const ALIASES = { reply_to: 'replyTo' };
const ATTACHMENT_ALIASES = { content_type: 'contentType', content_id: 'contentId' };

/**
 * Reads a mail from JSON.
 *
 * @throws Refusal `invalid-body` with the field and what it must be
 */
export function readMail(body: object): RequestedMail {
  const request = shapedAs(renamed(body), mailRequest);
  const { from, subject = '', text, html, attachments = [], headers = [], envelope } = request;
  if (text === undefined && html === undefined && attachments.length === 0) {
    throw invalid('text', 'give "text", "html" or "attachments"');
  }
  const to = mailboxesOf('to', request.to);
  const cc = mailboxesOf('cc', request.cc);
  const bcc = mailboxesOf('bcc', request.bcc);
  const named = [...to, ...cc, ...bcc].map(({ address }) => address);
  return {
    from: mailboxOf('from', from),
    to,
    cc,
    replyTo: mailboxesOf('replyTo', request.replyTo),
    subject,
    text,
    html,
    attachments: attachments.map((each, index) => ({
      filename: each.filename,
      contentType: each.contentType,
      contentId: each.contentId,
      source: sourceOf(each, index),
    })),
    headers: Array.isArray(headers)
      ? headers
      : Object.entries(headers).map(([name, value]) => ({ name, value })),
    recipients: envelope?.recipients ?? [...new Set(named)],
  };
}

function renamed(body: object): unknown {
  const { attachments, ...fields } = withoutAliases(body, ALIASES, '');
  if (!Array.isArray(attachments)) {
    return attachments === undefined ? fields : { ...fields, attachments };
  }
  return {
    ...fields,
    attachments: attachments.map((each: unknown, index) =>
      typeof each === 'object' && each !== null
        ? withoutAliases(each, ATTACHMENT_ALIASES, `attachments.${index}.`)
        : each,
    ),
  };
}

function withoutAliases(
  value: object,
  aliases: Readonly<Record<string, string>>,
  place: string,
): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...value };
  for (const [alias, name] of Object.entries(aliases)) {
    if (!Object.hasOwn(fields, alias)) continue;
    if (Object.hasOwn(fields, name)) {
      throw invalid(place + alias, `it is another name of "${name}"; give one of them`);
    }
    fields[name] = fields[alias];
    delete fields[alias];
  }
  return fields;
}

function sourceOf(
  { content, upload }: { content?: string | undefined; upload?: string | undefined },
  index: number,
): RequestedAttachment['source'] {
  if (content !== undefined && upload === undefined) {
    return { content: Buffer.from(content, 'base64') };
  }
  if (upload !== undefined && content === undefined) return { upload };
  throw invalid(`attachments.${index}`, 'give either "content" in base64 or "upload"');
}

const mailboxesOf = (
  field: string,
  given: MailboxRequest | readonly MailboxRequest[] = [],
): Mailbox[] =>
  (Array.isArray(given) ? (given as readonly MailboxRequest[]) : [given as MailboxRequest]).map(
    (each) => mailboxOf(field, each),
  );

function mailboxOf(field: string, given: MailboxRequest): Mailbox {
  const { name, address } = typeof given === 'string' ? splitMailbox(given) : given;
  const list = parseAddressList(Buffer.from(address));
  const shown = JSON.stringify(address.slice(0, 100));
  if (!list.ok) throw invalid(field, `${shown} is no address: ${list.detail}`);
  const [mailbox, ...others] = list.mailboxes;
  if (mailbox === undefined || others.length > 0 || list.groups > 0 || address.includes('<')) {
    throw invalid(field, `${shown} is not one address; give several as a list`);
  }
  return name === undefined || name === ''
    ? { address: mailbox.address }
    : { address: mailbox.address, name };
}

/** Splits `Ann <ann@example.com>`, the name quoted or not. */
function splitMailbox(text: string): Mailbox {
  const match = /^(.*)<([^<>]*)>\s*$/.exec(text);
  if (match === null) return { address: text.trim() };
  const [, phrase = '', address = ''] = match;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(phrase.trim());
  return { address, name: quoted?.[1]?.replaceAll(/\\(.)/g, '$1') ?? phrase.trim() };
}

const invalid = (field: string, why: string) =>
  new Refusal('invalid-body', `The body is not as it must be: "${field}": ${why}.`);
