import type { DnsRecord } from '../../fakes/resolver.ts';

/** A record as the page shows it. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly type: 'CNAME' | 'MX' | 'NS' | 'TXT';
  readonly value: string;
  readonly required: boolean;
}

/** What somebody enters, who was shown these records of a domain. */
export interface Mistake {
  readonly what: string;
  readonly entered: (shown: readonly Shown[], domain: string) => DnsRecord[];
  /** What was in the zone before. */
  readonly before?: (domain: string) => DnsRecord[];
  /** Why nobody can put it right where the zone is: the page cannot help. */
  readonly stays?: string;
}

const asShown = (shown: readonly Shown[]): DnsRecord[] =>
  shown.flatMap(({ name, type, value }) => (value === '' ? [] : [{ name, type, value }]));
const changing =
  (change: (record: DnsRecord, shown: Shown, domain: string) => DnsRecord | DnsRecord[]) =>
  (shown: readonly Shown[], domain: string): DnsRecord[] =>
    shown.flatMap((one) => (one.value === '' ? [] : change(asShown([one])[0]!, one, domain)));
const of = (id: string, change: (record: DnsRecord, domain: string) => DnsRecord | DnsRecord[]) =>
  changing((record, shown, domain) => (shown.id === id ? change(record, domain) : record));
const isDkim = ({ id }: Shown): boolean => id.startsWith('dkim-');
const swapped = (shown: readonly Shown[]): DnsRecord[] => {
  const [zero, one] = shown.filter(isDkim);
  return asShown(
    shown.map((record) =>
      record === zero
        ? { ...record, value: one!.value }
        : record === one
          ? { ...record, value: zero!.value }
          : record,
    ),
  );
};
const spf = (text: (include: string) => string) =>
  of('spf', (record) => ({ ...record, value: text(record.value.split(' ')[1]!) }));
const ownSpf = (domain: string): DnsRecord[] => [
  { name: domain, type: 'TXT', value: 'v=spf1 ip4:192.0.2.7 -all' },
];

/** The thirty commonest, as the support of senders meets them; the first one is none. */
export const mistakes: readonly Mistake[] = [
  { what: 'none', entered: asShown },
  {
    what: 'names with the domain twice',
    entered: changing((r, _, d) => ({ ...r, name: `${r.name}.${d}` })),
  },
  {
    what: 'CNAME values with the domain appended',
    entered: changing((r, _, d) => (r.type === 'CNAME' ? { ...r, value: `${r.value}.${d}` } : r)),
  },
  {
    what: 'TXT values in quotes',
    entered: changing((r) => (r.type === 'TXT' ? { ...r, value: `"${r.value}"` } : r)),
  },
  {
    what: 'TXT values with the type in front',
    entered: changing((r) => (r.type === 'TXT' ? { ...r, value: `TXT ${r.value}` } : r)),
  },
  { what: 'two DKIM records swapped', entered: swapped },
  {
    what: '_domainkey without its underscore',
    entered: changing((r) => ({ ...r, name: r.name.replace('._domainkey.', '.domainkey.') })),
  },
  {
    what: '_amazonses without its underscore',
    entered: changing((r) => ({ ...r, name: r.name.replace(/^_amazonses\./, 'amazonses.') })),
  },
  {
    what: 'only the first DKIM record',
    entered: (s) => asShown(s.filter((one) => !isDkim(one) || one.id === 'dkim-zero')),
  },
  { what: 'only the TXT records', entered: (s) => asShown(s.filter(({ type }) => type === 'TXT')) },
  {
    what: 'the record of Amazon SES left out',
    entered: (s) => asShown(s.filter(({ id }) => id !== 'ses-identity')),
  },
  {
    what: 'only the required records',
    entered: (s) => asShown(s.filter(({ required }) => required)),
  },
  {
    what: 'names below www',
    entered: changing((r, _, d) => ({ ...r, name: r.name.replace(d, `www.${d}`) })),
  },
  {
    what: 'CNAMEs behind the provider’s proxy',
    entered: changing((r) =>
      r.type === 'CNAME' ? { name: r.name, type: 'A', value: '198.51.100.7' } : r,
    ),
  },
  {
    what: 'CNAME values as TXT records',
    entered: changing((r) => (r.type === 'CNAME' ? { ...r, type: 'TXT' } : r)),
  },
  {
    what: 'a character lost in a DKIM value',
    entered: of('dkim-one', (r) => ({ ...r, value: r.value.replace(/\.(\w)/, '.') })),
  },
  {
    what: 'the end of a DKIM value lost',
    entered: of('dkim-zero', (r) => ({ ...r, value: r.value.slice(0, -3) })),
  },
  {
    what: 'the value of Amazon SES cut short',
    entered: of('ses-identity', (r) => ({ ...r, value: r.value.slice(0, 5) })),
  },
  { what: 'a second SPF record beside the own one', before: ownSpf, entered: asShown },
  { what: 'our include after "all"', entered: spf((include) => `v=spf1 -all ${include}`) },
  { what: 'our include with a minus', entered: spf((include) => `v=spf1 -${include} ~all`) },
  { what: 'SPF without a space', entered: spf((include) => `v=spf1${include}~all`) },
  {
    what: 'the own DMARC record beside the CNAME',
    before: (d) => [{ name: `_dmarc.${d}`, type: 'TXT', value: 'v=DMARC1; p=none' }],
    entered: asShown,
  },
  {
    what: 'DMARC at dmarc without its underscore',
    entered: of('dmarc', (r, d) => ({ ...r, name: `dmarc.${d}` })),
  },
  {
    what: 'another priority of the MX',
    entered: of('mail-from-mx', (r) => ({ ...r, value: r.value.replace('10 ', '20 ') })),
  },
  {
    what: 'the old MX beside the new one',
    before: (d) => [{ name: `bounces.${d}`, type: 'MX', value: '5 mx.other.example' }],
    entered: asShown,
  },
  {
    what: 'MX priority in the value field twice',
    entered: of('mail-from-mx', (r) => ({ ...r, value: `10 ${r.value.replace(' ', '.')}` })),
  },
  {
    what: 'a wildcard instead of the names',
    entered: (s, d) => [
      { name: `*.${d}`, type: 'CNAME', value: s.find(isDkim)!.value },
      ...asShown(s.filter(({ type }) => type === 'TXT')),
    ],
  },
  // The page says where the zone is; who comes back finds it.
  { what: 'the zone of a provider that the domain is not at', entered: () => [] },
  {
    what: 'a provider that takes no underscore',
    entered: (s) => asShown(s.filter(({ name }) => !name.includes('_'))),
    stays: 'the provider takes no name with an underscore',
  },
];
