/** The tenants and domains of the sample. */

/**
 * - `healthy`: verified, and rotated at the beginning of the month.
 * - `one-record-gone`: verified, then a record of one of the three keys went.
 * - `no-keys`: verified, then all three went two days ago; lost in five.
 * - `lost`: as before, nine days ago.
 * - `misplaced`: pending; its records are at the name twice over, and its SPF has a mistake.
 * - `untouched`: pending; there is nothing in its DNS yet.
 * - `parked`: sends no mail.
 * - `deleting`: verified, and deleted today.
 * - `self-hosted`: pending; it is to hold its keys itself.
 */
export type Story =
  | 'healthy'
  | 'one-record-gone'
  | 'no-keys'
  | 'lost'
  | 'misplaced'
  | 'untouched'
  | 'parked'
  | 'deleting'
  | 'self-hosted';

export interface CastDomain {
  readonly name: string;
  readonly story: Story;
  /** Mails a day that its messages and its reports are about; absent: none. */
  readonly mails?: { readonly messages: number; readonly reported: number };
}

/** Those of the tenant whose key the local run prints. */
export const ownDomains: readonly CastDomain[] = [
  { name: 'acme.example', story: 'healthy', mails: { messages: 6, reported: 900 } },
  { name: 'news.acme.example', story: 'healthy', mails: { messages: 8, reported: 4_200 } },
  { name: 'billing.acme.example', story: 'one-record-gone', mails: { messages: 3, reported: 220 } },
  { name: 'updates.acme.example', story: 'no-keys', mails: { messages: 1, reported: 60 } },
  { name: 'old-shop.example', story: 'lost' },
  { name: 'new-brand.example', story: 'misplaced' },
  { name: 'spring-sale.example', story: 'untouched' },
  { name: 'acme-parked.example', story: 'parked' },
  { name: 'summer-fair.example', story: 'deleting' },
  { name: 'own-keys.example', story: 'self-hosted' },
  {
    name: 'customer-care-and-after-sales-service.acme-international-holding.example',
    story: 'healthy',
  },
];

/** The tenants beside the local run's own. */
export const otherTenants: readonly {
  readonly name: string;
  readonly domains: readonly CastDomain[];
  /** Why the operator suspended it. */
  readonly suspended?: string;
}[] = [
  {
    name: 'Garden tools',
    domains: [
      { name: 'garden-tools.example', story: 'healthy', mails: { messages: 2, reported: 300 } },
      { name: 'seeds.example', story: 'untouched' },
    ],
  },
  {
    name: 'Old press',
    domains: [{ name: 'old-press.example', story: 'healthy' }],
    suspended: 'A bought list of addresses: 12 % of a mailing bounced',
  },
];

/** All further domains are in this zone, so that one file has their records. */
export const MANY_ZONE = 'customers.example';

/** The further domains of the tenant whose key the local run prints. */
export const manyDomains = (count: number): CastDomain[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `shop-${String(index + 1).padStart(5, '0')}.${MANY_ZONE}`,
    story: index % 10 === 9 ? 'untouched' : 'healthy',
  }));

/** Returns true of a domain whose records are in the zone of the many. */
export const isOfMany = ({ name }: Pick<CastDomain, 'name'>): boolean =>
  name.endsWith(`.${MANY_ZONE}`);

/** Number of domains that have a story, of all tenants. */
export const CAST =
  ownDomains.length + otherTenants.reduce((sum, { domains }) => sum + domains.length, 0);
