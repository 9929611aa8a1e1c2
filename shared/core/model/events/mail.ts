import { hasEnded, type RecipientBatch, type RecipientEvent } from '../recipient-batch.ts';
import { ON_SUPPRESSION_LIST } from '../suppression.ts';
import type { MessageId } from '../names.ts';
import { ACCOUNT_SUSPENDED, type SuspensionHold } from '../tenant-state.ts';
import type { EventKind, Happening } from './kind.ts';

/** Events of a mail, for each of its recipients. */
export const mailKinds = {
  'message.sent': {
    title: 'Amazon SES has a mail',
    happened: 'Amazon SES accepted it',
  },
  'message.delivered': {
    title: 'A mail was delivered',
    happened: "the recipient's server accepted it",
  },
  'message.delayed': {
    title: 'A receiver put a mail off',
    happened: "the recipient's server deferred it; SES tries again",
  },
  'message.soft_bounced': {
    title: 'A mail bounced for a passing reason',
    happened:
      'SES stopped trying for a temporary reason such as a full mailbox, or an automatic reply came',
  },
  'message.bounced': {
    title: 'A mail bounced',
    happened: "the recipient's server refused it permanently",
  },
  'message.complained': {
    title: 'A reader complained about a mail',
    happened: 'the recipient reported it as spam',
  },
  'message.rejected': {
    title: 'Amazon SES found malware in a mail',
    happened: 'SES accepted the call, then found malware',
  },
  'message.refused': {
    title: 'A mail was not sent, and will not be',
    happened:
      'it was not sent and will not be, for instance because the domain was lost meanwhile or SES refused it',
  },
  'message.suppressed': {
    title: 'A mail was not sent to an address on the suppression list',
    happened:
      'the recipient is on your suppression list, after a bounce, a complaint or a request of yours',
  },
  'message.held': {
    title: 'A mail waits, since the account is suspended',
    happened:
      'the operator suspended the account; the mail is sent, or refused, when the suspension ends',
  },
  'message.unclear': {
    title: 'Nobody knows yet whether a mail went out',
    happened:
      'the call of SES ended without an answer; `message.sent` follows if it was sent after all, else the service tries again after 15 minutes',
  },
} as const satisfies Record<`message.${string}`, EventKind>;

type MailEventType = keyof typeof mailKinds;

/** Turns one SES event of a mail into an event for each of its addresses. */
export function addressChanges(
  id: MessageId,
  { state, addresses, at, detail }: Pick<RecipientEvent, 'state' | 'addresses' | 'at' | 'detail'>,
): Happening<MailEventType>[] {
  const type = `message.${state.replace('-', '_')}` as MailEventType;
  return addresses.map((recipient) => ({
    type,
    at,
    data: { message: id, recipient, ...(detail === undefined ? {} : { detail }) },
    parts: [recipient.toLowerCase(), at],
  }));
}

/**
 * Returns the event of a refused or unclear recipient batch for each recipient without a later SES
 * event.
 */
export function recipientBatchChanges(
  id: MessageId,
  recipientBatch: RecipientBatch,
): Happening<MailEventType>[] {
  const { state, attempt, refusedAt, unclearSince, reason } = recipientBatch;
  const at = { refused: refusedAt, unclear: unclearSince }[state as 'refused' | 'unclear'];
  if (at === undefined) return [];
  const type = state === 'refused' ? 'message.refused' : 'message.unclear';
  return recipientBatch.recipients
    .filter((recipient) => recipient.state === 'accepted')
    .map(({ address }) => ({
      type,
      at,
      data: {
        message: id,
        recipient: address,
        ...(reason === undefined ? {} : { detail: reason }),
      },
      parts: [address.toLowerCase(), String(attempt)],
    }));
}

/** Returns an event for each recipient of a queued recipient batch that a suspension holds. */
export function heldRecipients(
  id: MessageId,
  { state, recipients }: RecipientBatch,
  { since, suspension }: SuspensionHold,
): Happening<MailEventType>[] {
  if (state !== 'queued') return [];
  return recipients
    .filter((recipient) => recipient.state === 'accepted')
    .map(({ address }) => ({
      type: 'message.held',
      at: since,
      data: { message: id, recipient: address, detail: ACCOUNT_SUSPENDED },
      parts: [address.toLowerCase(), suspension],
    }));
}

/**
 * Returns an event for each recipient of an ended recipient batch that is on the suppression list.
 *
 * @param at when the mail was accepted, ISO 8601
 */
export function suppressedRecipients(
  id: MessageId,
  recipientBatch: RecipientBatch,
  at: string,
): Happening<MailEventType>[] {
  if (!hasEnded(recipientBatch)) return [];
  return recipientBatch.recipients
    .filter(({ state }) => state === 'suppressed')
    .map(({ address }) => ({
      type: 'message.suppressed',
      at,
      data: { message: id, recipient: address, detail: ON_SUPPRESSION_LIST },
      parts: [address.toLowerCase()],
    }));
}
