import type { DomainEvent, DomainEventType, ServiceEvent } from './event.ts';

/** What happened to a domain, and why, in sentences for its tenant. */
export const summaryOf = ({ type, data }: Pick<DomainEvent, 'type' | 'data'>): string =>
  summaries[type](data).trim();

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const summaries: Readonly<Record<DomainEventType, (data: ServiceEvent['data']) => string>> = {
  'domain.claimed': () => 'The domain was added.',
  'domain.published': () => 'The records that yours point at are on all of our name servers.',
  'domain.verified': ({ previousStatus }) =>
    previousStatus === 'at-risk'
      ? 'All is right again.'
      : 'The domain is proven to be yours; mail can be signed.',
  'domain.at_risk': ({ detail }) => `Something broke; mail is still signed. ${text(detail)}`,
  'domain.lost': ({ detail }) => `Nothing is sent for it any more. ${text(detail)}`,
  'domain.deleted': () => 'The domain was deleted; within 7 days that can be undone.',
  'domain.restored': () => 'The deletion was undone; the domain must be proven again.',
  'domain.rotated': ({ selector, previousSelector }) =>
    previousSelector === null
      ? `Mail is signed again, with the key "${text(selector)}".`
      : `Mail is signed with the key "${text(selector)}" in place of "${text(previousSelector)}".`,
  'key.revoked': ({ selector }) =>
    `The key "${text(selector)}" was revoked as compromised; it never signs again.`,
  'rotation.prepared': ({ name, value }) =>
    `A new key is prepared; nothing changes before your DNS shows it. Change the TXT record named ${text(name)} to "${text(value)}".`,
  'rotation.held_back': ({ detail }) => `The move to the next key waits. ${text(detail)}`,
  'policy.changed': ({ tag, from, to, why }) =>
    `The DMARC policy ${text(tag)} went from ${text(from)} to ${text(to)}. ${text(why)}`,
  'policy.held': ({ why }) => `The DMARC plan takes no step. ${text(why)}`,
};
