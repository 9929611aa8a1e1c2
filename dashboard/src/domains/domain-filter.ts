import type { DomainInShort } from '../api/client.ts';

/** The statuses that the list can be limited to. */
export const statusFilters = {
  all: 'All domains',
  'at-risk': 'At risk',
  lost: 'Lost',
  pending: 'Waiting for records',
  verified: 'Verified',
  parked: 'Parked',
  deleting: 'Being deleted',
} as const;
export type StatusFilter = keyof typeof statusFilters;

export const isStatusFilter = (text: string): text is StatusFilter => text in statusFilters;

/** Sortable columns of the list, each with the order of two domains. */
export const orders = {
  name: (a: DomainInShort, b: DomainInShort) => (a.name < b.name ? -1 : 1),
  status: (a: DomainInShort, b: DomainInShort) => urgency(a) - urgency(b),
  mail: (a: DomainInShort, b: DomainInShort) => b.mail.outcomes - a.mail.outcomes,
  bounced: (a: DomainInShort, b: DomainInShort) => rateOf(b, 'bounced') - rateOf(a, 'bounced'),
  complained: (a: DomainInShort, b: DomainInShort) =>
    rateOf(b, 'complained') - rateOf(a, 'complained'),
} as const;
export type Order = keyof typeof orders;

export const isOrder = (text: string): text is Order => text in orders;

const rateOf = ({ mail }: DomainInShort, which: 'bounced' | 'complained'): number =>
  mail.outcomes === 0 ? -1 : mail[which] / mail.outcomes;

/** 0 for what is most urgent. */
const urgency = ({ status, lifecycle, lostAt }: DomainInShort): number => {
  if (lifecycle === 'deleting') return 5;
  if (status === 'at-risk') return lostAt === null ? 2 : 1;
  return { lost: 0, pending: 3, verified: 4 }[status];
};

const has = (domain: DomainInShort, wanted: StatusFilter): boolean => {
  if (wanted === 'all') return true;
  if (wanted === 'deleting') return domain.lifecycle === 'deleting';
  if (domain.lifecycle === 'deleting') return false;
  return wanted === 'parked' ? domain.purpose === 'parked' : domain.status === wanted;
};

/**
 * Finds the domains whose name contains a text, with a status, in an order.
 *
 * @param domains by name
 */
export function findDomains(
  domains: readonly DomainInShort[],
  { text, status, order }: { text: string; status: StatusFilter; order: Order },
): readonly DomainInShort[] {
  const wanted = text.trim().toLowerCase();
  const found = domains.filter((domain) => domain.name.includes(wanted) && has(domain, status));
  return order === 'name' ? found : found.toSorted(orders[order]);
}
