import { Refusal } from '#shared/core/model/errors.ts';
import { RECIPIENTS_PER_MESSAGE } from '#shared/core/model/message.ts';
import { parseAddressList } from '#shared/core/mail/addresses.ts';
import type { ParsedHeader } from '#shared/core/mail/parse.ts';
import { recipientsOf } from '#shared/core/mail/recipients.ts';

/** RFC 5321 §4.5.3.1.1, and §4.5.3.1.3 without its angle brackets. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;

/**
 * Returns a mail's recipients: the addresses of its envelope, else those of To, Cc and Bcc; each
 * once, domains in A-labels.
 *
 * @param given addresses as they came, one each
 * @throws Refusal `recipients-refused`
 */
export function envelopeRecipients(header: ParsedHeader, given: readonly string[]): string[] {
  const addresses = given.length > 0 ? [...new Set(given.map(readAddress))] : fromHeader(header);
  if (addresses.length === 0) {
    throw refused('The mail has no recipient: give some in its envelope, or in To, Cc or Bcc.');
  }
  if (addresses.length > RECIPIENTS_PER_MESSAGE) {
    throw refused(
      `The mail has ${addresses.length} recipients; submit it for at most ${RECIPIENTS_PER_MESSAGE} at a time.`,
    );
  }
  for (const address of addresses) requireLength(address);
  return addresses;
}

function fromHeader(header: ParsedHeader): string[] {
  const named = recipientsOf(header);
  if (named.ok) return [...named.addresses];
  throw refused(`${named.detail} Correct it, or give the recipients in the envelope.`);
}

/** Amazon SES refuses the whole call for one address that it cannot take. */
function requireLength(address: string): void {
  if (address.lastIndexOf('@') <= MAX_LOCAL_PART && address.length <= MAX_ADDRESS) return;
  throw refused(
    `The recipient ${shown(address)} is too long: at most ${MAX_LOCAL_PART} octets before the "@", ${MAX_ADDRESS} in all.`,
  );
}

/**
 * Reads one recipient of an envelope.
 *
 * @param text a bare address
 * @returns the address, its domain in A-labels
 * @throws Refusal `recipients-refused`
 */
export function envelopeRecipient(text: string): string {
  const address = readAddress(text);
  requireLength(address);
  return address;
}

function readAddress(text: string): string {
  const list = parseAddressList(Buffer.from(text));
  if (!list.ok) {
    throw refused(`The recipient ${shown(text)} is no address: ${list.detail}.`);
  }
  const [mailbox, ...others] = list.mailboxes;
  if (mailbox === undefined || others.length > 0 || list.groups > 0 || text.includes('<')) {
    throw refused(
      `The recipient ${shown(text)} is not one bare address: give each as user@domain, without a name.`,
    );
  }
  return mailbox.address;
}

const refused = (message: string) => new Refusal('recipients-refused', message);

const shown = (text: string) => JSON.stringify(text.slice(0, 100));
