import { parseAddressList } from './addresses.ts';
import { type ParsedHeader, fieldValue } from './parse.ts';

/** The addresses that To, Cc and Bcc name, each once, or why they cannot be parsed. */
export type Recipients =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly detail: string };

const RECIPIENT_FIELDS = new Set(['to', 'cc', 'bcc']);

/**
 * The recipients that a header names, groups opened. May be none: a message is then sent only with
 * recipients given beside it.
 */
export function recipientsOf(header: ParsedHeader): Recipients {
  const addresses = new Set<string>();
  for (const field of header.fields) {
    if (!RECIPIENT_FIELDS.has(field.name)) continue;
    const value = fieldValue(header, field);
    if (field.name === 'bcc' && value.toString('latin1').trim() === '') continue; // RFC 5322 §3.6.3 allows it
    const list = parseAddressList(value);
    if (!list.ok)
      return { ok: false, detail: `The field ${field.name} cannot be read: ${list.detail}.` };
    for (const mailbox of list.mailboxes) addresses.add(mailbox.address);
  }
  return { ok: true, addresses: [...addresses] };
}
