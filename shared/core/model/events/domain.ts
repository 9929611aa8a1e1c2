import type { Claim, ClaimStatus } from '../claim.ts';
import type { Contact } from '../contact.ts';
import type { HandOverMail } from '../hand-over.ts';
import { text, type DomainEventKind, type Happening } from './kind.ts';

/** Events of a domain as a whole. */
export const domainKinds = {
  'domain.claimed': {
    title: 'A domain was added',
    happened: 'you added the domain',
    label: 'Added',
    tone: 'info',
    summary: () => 'The domain was added.',
  },
  'domain.published': {
    title: 'The records behind a domain’s are there',
    happened:
      'the records that yours point at are on all of our name servers for the first time; its time is when they were submitted',
    label: 'Published',
    tone: 'success',
    summary: () => 'The records that yours point at are on all of our name servers.',
  },
  'domain.verified': {
    title: 'A domain was verified',
    happened:
      'DNS proves that it is yours, and the key that signs is found: from now on it may send; also when it returns from `at-risk` or `lost`',
    data: '`status`, `previousStatus`',
    label: 'Verified',
    tone: 'success',
    summary: ({ previousStatus }) =>
      previousStatus === 'at-risk'
        ? 'All is right again.'
        : 'The domain is proven to be yours; mail can be signed.',
  },
  'domain.at_risk': {
    title: 'A record of a domain broke',
    happened: 'something broke; mail is still signed',
    data: '`status`, `previousStatus`, `reason` (the `code` of the record that broke, `key-not-found` or `no-answer`), `detail`',
    label: 'At risk',
    tone: 'warning',
    summary: ({ detail }) => `Something broke; mail is still signed. ${text(detail)}`,
  },
  'domain.lost': {
    title: 'A domain was lost',
    happened: 'nothing is signed or sent for it any more',
    data: 'as of `domain.at_risk`; `reason` is `held-by-another` or `broken-for-7-days`',
    label: 'Lost',
    tone: 'error',
    summary: ({ detail }) => `Nothing is sent for it any more. ${text(detail)}`,
  },
  'domain.expiring': {
    title: 'A domain is about to expire',
    happened:
      'none of its records was ever seen, and in 14 days the service stops to wait for them; sent once',
    data: '`expiresAt`',
    label: 'About to expire',
    tone: 'warning',
    summary: ({ expiresAt }) =>
      `None of the records was ever seen. Publish them before ${dayIn(expiresAt)}; else the service stops to wait, and removes what they point at.`,
  },
  'domain.expired': {
    title: 'A domain expired',
    happened:
      'none of its records was ever seen, so that the service waits no more; claim it again, and it has the same records as before',
    label: 'Expired',
    tone: 'stopped',
    summary: () =>
      'None of the records was ever seen, so that the service waits no more. Claim the domain again: its records are the same as before.',
  },
  'domain.contact_unreached': {
    title: 'A mail to who runs the DNS of a domain did not arrive',
    happened:
      'the mail that asks a contact to add the records bounced, or was refused; no other is sent to the address until you ask for it',
    data: '`contact`, `email`, `state`, `detail`',
    label: 'Contact not reached',
    tone: 'warning',
    summary: ({ email, detail }) =>
      `The mail to ${text(email)} about the records did not arrive. ${text(detail)}`,
  },
  'domain.deleted': {
    title: 'A domain was deleted',
    happened: 'you deleted it',
    label: 'Deleted',
    tone: 'stopped',
    summary: () => 'The domain was deleted; within 7 days that can be undone.',
  },
  'domain.restored': {
    title: 'The deletion of a domain was undone',
    happened: 'you undid its deletion',
    label: 'Deletion undone',
    tone: 'info',
    summary: () => 'The deletion was undone; the domain must be proven again.',
  },
} as const satisfies Record<string, DomainEventKind>;

type Happened = Happening<keyof typeof domainKinds>;

const dayIn = (time: unknown): string => text(time).slice(0, 10);

/** Reports that a claim was made, deleted, brought back, is about to expire or expired. */
export function lifecycleChanges(before: Claim | undefined, after: Claim): Happened[] {
  if (after.lifecycle === 'tombstone' || after.lifecycle === 'expired') {
    return after.expiredAt === undefined
      ? []
      : [{ type: 'domain.expired', at: after.expiredAt, data: {} }];
  }
  if (before === undefined) return [{ type: 'domain.claimed', at: after.createdAt, data: {} }];
  if (before.lifecycle === 'live' && after.lifecycle === 'deleting') {
    return [{ type: 'domain.deleted', at: after.deletedAt ?? after.statusSince, data: {} }];
  }
  if (before.lifecycle === 'deleting' && after.lifecycle === 'live') {
    return [{ type: 'domain.restored', at: after.statusSince, data: {} }];
  }
  if (after.expiring !== undefined && after.expiring.since !== before.expiring?.since) {
    const { since, expiresAt } = after.expiring;
    return [{ type: 'domain.expiring', at: since, data: { expiresAt } }];
  }
  return [];
}

/** Reports that a mail to the contact of a domain did not arrive. */
export const contactUnreached = (
  contact: Pick<Contact, 'id' | 'email'> | undefined,
  { at, message, state, detail = '' }: HandOverMail,
): Happened => ({
  type: 'domain.contact_unreached',
  at,
  data: { contact: contact?.id ?? null, email: contact?.email ?? '', state, detail },
  parts: [message],
});

const eventOfStatus: Partial<Record<ClaimStatus, keyof typeof domainKinds>> = {
  verified: 'domain.verified',
  'at-risk': 'domain.at_risk',
  lost: 'domain.lost',
};

/** The status that a claim came to have, and why. */
export function statusChanges(before: Claim | undefined, after: Claim): Happened[] {
  const { status, statusSince, statusReason } = after;
  const type = eventOfStatus[status];
  if (type === undefined) return [];
  if (before?.status === status && before.statusSince === statusSince) return [];
  const previousStatus = before?.status ?? 'pending';
  return [{ type, at: statusSince, data: { status, previousStatus, ...statusReason } }];
}
