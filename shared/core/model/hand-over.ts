/**
 * The hand-over of records to a contact, who runs the DNS: links to all of their domains, and mails
 * that remind them until what sending waits for is done.
 */
import { DAY_MS, HOUR_MS, later, MINUTE_MS } from '../time.ts';
import type { ContactOwner } from './contact.ts';
import type { ContactId, MessageId } from './names.ts';
import type { EffectiveState } from './recipient-batch.ts';
import { hashOfToken } from './share-link.ts';
import { encodeBase32 } from './names.ts';

/** The days after the first mail on which a contact is reminded. */
export const mailDays = [0, 3, 10, 30] as const;
export type MailDay = (typeof mailDays)[number];

/** A link that opens the records of a contact's domains; the stored hash does not. Times are ISO 8601. */
export interface HandOverLink {
  readonly hash: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it was first opened. */
  readonly openedAt?: string;
}

/** A mail to a contact. */
export interface HandOverMail {
  readonly day: MailDay;
  /** When it was submitted, ISO 8601. */
  readonly at: string;
  readonly message: MessageId;
  /** As last seen. */
  readonly state: EffectiveState;
  /** The receiver's words, where there are any. */
  readonly detail?: string;
}

/** The mails that are still to come. */
export interface Mailing {
  /** When the first one was due; ISO 8601. */
  readonly since: string;
  /** The next one; absent after the last, whose outcome is awaited. */
  readonly next?: MailDay;
  /** When there is something to do, ISO 8601. */
  readonly dueAt: string;
}

/**
 * - `done`: nothing that sending waits for is left.
 * - `stopped`: the contact wants no more mails. `revoked`: the account revoked the links.
 * - `undelivered`: a mail did not reach the contact.
 * - `over`: the last reminder went out.
 */
export const mailingEnds = ['done', 'stopped', 'revoked', 'undelivered', 'over'] as const;
export type MailingEnd = (typeof mailingEnds)[number];

export interface HandOver {
  readonly owner: ContactOwner;
  readonly contact: ContactId;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  /** The address of the page that links lead to, without a fragment. */
  readonly page: string;
  /** Those that open, oldest first. */
  readonly links: readonly HandOverLink[];
  /** Oldest first. */
  readonly mails: readonly HandOverMail[];
  /** Absent while no mail is to come. */
  readonly mailing?: Mailing;
  /** Why no mail is to come any more, where mails were wanted. */
  readonly ended?: { readonly why: MailingEnd; readonly at: string };
}

/** A first mail, three reminders, and one that the account asked for; a further one ends the oldest. */
export const MOST_HAND_OVER_LINKS = 5;

export const newHandOver = ({
  owner,
  contact,
  page,
}: Pick<HandOver, 'owner' | 'contact' | 'page'>): HandOver => ({
  owner,
  contact,
  revision: 0,
  page,
  links: [],
  mails: [],
});

/** Returns true if a text has the form of a contact's token: 256 random bits. */
export const isHandOverToken = (token: string): boolean => /^[a-z2-7]{52}$/.test(token);

/**
 * Adds a link, and has those that open last as long as it.
 *
 * @param random 32 bytes of a CSPRNG
 * @param days that it opens
 * @returns the hand-over, to be written, and the token, which is not kept
 */
export function withLink(
  before: HandOver,
  random: Uint8Array,
  days: number,
  now: Date,
): { readonly handOver: HandOver; readonly token: string; readonly expiresAt: string } {
  const token = encodeBase32(random);
  const expiresAt = later(now, days * DAY_MS);
  const open = before.links
    .filter((link) => isOpen(link, now))
    .map((link) => ({ ...link, expiresAt }));
  const added = { hash: hashOfToken(token), createdAt: now.toISOString(), expiresAt };
  const links = [...open, added].slice(-MOST_HAND_OVER_LINKS);
  return { handOver: { ...next(before), links }, token, expiresAt };
}

/** Has mails sent from now on, the first one at once. */
export function withMailing(before: HandOver, now: Date): HandOver {
  const { ended: _, ...rest } = before;
  const since = now.toISOString();
  return { ...next(rest), mailing: { since, next: 0, dueAt: since } };
}

/** Ends the mails; nothing changes where none is to come. */
export function withoutMailing(before: HandOver, why: MailingEnd, now: Date): HandOver {
  const { mailing, ...rest } = before;
  if (mailing === undefined) return before;
  return { ...next(rest), ended: { why, at: now.toISOString() } };
}

/** Ends all links and mails. */
export const revoked = (before: HandOver, now: Date): HandOver => {
  const ended = withoutMailing(before, 'revoked', now);
  return { ...ended, revision: before.revision + 1, links: [] };
};

/** Notes that a link was opened, the first time. */
export function withOpened(before: HandOver, hash: string, now: Date): HandOver | undefined {
  const link = before.links.find((one) => one.hash === hash);
  if (link === undefined || link.openedAt !== undefined) return undefined;
  const opened = { ...link, openedAt: now.toISOString() };
  return { ...next(before), links: before.links.map((one) => (one === link ? opened : one)) };
}

/** The link that a token opens, while it does. */
export function linkOf({ links }: HandOver, hash: string, now: Date): HandOverLink | undefined {
  return links.find((link) => link.hash === hash && isOpen(link, now));
}

/** States that a mail stays in. */
const final: ReadonlySet<EffectiveState> = new Set<EffectiveState>([
  'delivered',
  'bounced',
  'complained',
  'rejected',
  'suppressed',
  'refused',
]);
const failed: ReadonlySet<EffectiveState> = new Set<EffectiveState>([
  'bounced',
  'complained',
  'rejected',
  'suppressed',
  'refused',
]);

/** Returns true if a mail did not reach its contact, or was unwelcome: no other is sent. */
export const isUndelivered = ({ state }: Pick<HandOverMail, 'state'>): boolean => failed.has(state);

/** For so long a mail's outcome is awaited. */
const AWAITED_MS = 3 * DAY_MS;

/**
 * Returns the mailing after something was done: the next mail on its day, or the reading of what
 * became of the last one before that. Undefined once the last mail's outcome is known, or late.
 */
export function mailingAfter(
  { since, next: day }: Pick<Mailing, 'since' | 'next'>,
  last: HandOverMail | undefined,
  now: Date,
): Mailing | undefined {
  const age = last === undefined ? AWAITED_MS : now.getTime() - Date.parse(last.at);
  const waits = last !== undefined && !final.has(last.state) && age < AWAITED_MS;
  const outcomeAt = waits ? [later(now, Math.max(10 * MINUTE_MS, Math.min(age, 6 * HOUR_MS)))] : [];
  const mailAt = day === undefined ? [] : [later(since, day * DAY_MS)];
  const [dueAt] = [...outcomeAt, ...mailAt].toSorted();
  return dueAt === undefined
    ? undefined
    : { since, ...(day !== undefined && { next: day }), dueAt };
}

/** The mail after one; undefined after the last. */
export const dayAfter = (day: MailDay): MailDay | undefined => mailDays[mailDays.indexOf(day) + 1];

const next = <T extends HandOver>(before: T): T => ({ ...before, revision: before.revision + 1 });

const isOpen = ({ expiresAt }: HandOverLink, now: Date): boolean =>
  now.getTime() < Date.parse(expiresAt);
