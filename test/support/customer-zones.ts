import { domainDocument } from '#shared/api/domain-document.ts';
import type { RecordDocument } from '#shared/api/routes/record-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RemainingChange } from '#shared/core/records/remaining-change.ts';
import { changesNow } from '../../lambdas/domains/remaining-changes.ts';
import { deployment } from '../fakes/given-claim.ts';
import type { DnsRecord } from '../fakes/resolver.ts';
import { DOMAIN, viewOf, TestEnvironment } from '../unit/app/checks/test-environment.ts';

const at = (prefix: string): string => (prefix === '' ? DOMAIN : `${prefix}.${DOMAIN}`);
const txt = (prefix: string, value: string, more: Partial<DnsRecord> = {}): DnsRecord => ({
  name: at(prefix),
  type: 'TXT',
  value,
  ...more,
});
const other = (prefix: string, type: 'CNAME' | 'MX' | 'A', value: string): DnsRecord => ({
  name: at(prefix),
  type,
  value,
});

const longKey = `v=DKIM1; k=rsa; p=${'A'.repeat(392)}`;

const google: DnsRecord[] = [
  other('', 'MX', '1 smtp.google.com'),
  other('', 'A', '192.0.2.80'),
  other('www', 'CNAME', 'sites.test'),
  txt('', 'google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ'),
  txt('google._domainkey', longKey),
];
const microsoft: DnsRecord[] = [
  other('', 'MX', '0 example-com.mail.protection.outlook.com'),
  txt('', 'MS=ms12345678'),
  other('autodiscover', 'CNAME', 'autodiscover.outlook.com'),
  other('selector1._domainkey', 'CNAME', 'selector1-example-com._domainkey.test'),
  other('selector2._domainkey', 'CNAME', 'selector2-example-com._domainkey.test'),
];
const verifications: DnsRecord[] = [
  txt('', 'apple-domain-verification=abc"def\\ghi'),
  txt('', 'atlassian-domain-verification=übung; x=${y} %{z}'),
  txt('_acme-challenge', 'gfj9Xq...Rg85nM'),
];

interface CustomerZone {
  readonly records: readonly DnsRecord[];
  /** The texts that the export takes away, which receivers could not use. */
  readonly gone?: readonly string[];
  /** Ids of the records that no export has: right already, or left to the customer. */
  readonly without?: readonly string[];
}

/** What customers have before they come, which has to stay. */
export const customerZones: Readonly<Record<string, CustomerZone>> = {
  'Google Workspace with SPF and DMARC of its own': {
    records: [
      ...google,
      txt('', 'v=spf1 include:a.test ~all'),
      txt('_dmarc', 'v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com'),
    ],
    gone: ['v=spf1 include:a.test ~all'],
    without: ['dmarc'],
  },
  'Microsoft 365 with SPF, and verification records': {
    records: [...microsoft, ...verifications, txt('', 'v=spf1 include:b.test -all')],
    gone: ['v=spf1 include:b.test -all'],
  },
  'verification records alone, of another TTL': {
    records: verifications.map((record) => ({ ...record, ttl: 7_200 })),
  },
  'a DMARC record that receivers cannot use, in two strings': {
    records: [
      ...google,
      txt('_dmarc', 'v=DMARC1; p=monitor', { ttl: 1_800, strings: ['v=DMARC1;', ' p=monitor'] }),
    ],
    gone: ['v=DMARC1; p=monitor'],
  },
  'nothing at all': { records: [other('', 'A', '192.0.2.80')] },
};

/** A claim of a domain that has these records, checked. */
export async function givenCustomer(records: readonly DnsRecord[], changes: Partial<Claim> = {}) {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim(changes);
  await testEnvironment.identities.putView(viewOf(claim));
  for (const name of ['a.test', 'b.test']) {
    testEnvironment.dns.zone(name, [{ name, type: 'TXT', value: 'v=spf1 ip4:192.0.2.9 -all' }]);
  }
  testEnvironment.dns.zone(DOMAIN, records);
  return { testEnvironment, claim };
}

export type Customer = Awaited<ReturnType<typeof givenCustomer>>;

/** The records as the API shows them after a check of the domain as it then is. */
export async function checkedRecords(
  { testEnvironment, claim }: Customer,
  zone?: readonly DnsRecord[],
): Promise<RecordDocument[]> {
  if (zone !== undefined) testEnvironment.dns.zone(DOMAIN, zone);
  const { claim: now, result } = await testEnvironment.check(claim);
  const around = { identity: viewOf(claim), ...(result && { result }) };
  return domainDocument(now, around, deployment, new Date(testEnvironment.now)).records;
}

/** What an export of the domain has. */
export const exportedChanges = async (customer: Customer): Promise<RemainingChange[]> =>
  changesNow(await checkedRecords(customer), customer.testEnvironment.dns);

/** A zone file of records, with the strings and TTL that they have. */
export const zoneFileOf = (records: readonly DnsRecord[]): string =>
  records
    .map(({ name, type, value, ttl = 60, strings }) => {
      const data = type === 'TXT' ? (strings ?? [value]).map(quoted).join(' ') : `${value}.`;
      return `${name}. ${ttl} IN ${type} ${type === 'A' ? value : data}\n`;
    })
    .join('');

const quoted = (text: string): string =>
  (
    Buffer.from(text)
      .toString('latin1')
      .match(/.{1,255}/gs) ?? []
  )
    .map((part) => `"${part.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^ -~]/g, escape)}"`)
    .join(' ');
const escape = (one: string): string => `\\${String(one.charCodeAt(0)).padStart(3, '0')}`;
