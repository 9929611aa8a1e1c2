import {
  a,
  beside,
  cname,
  each,
  everything,
  txt,
  type DiagnosisCase,
  type Situation,
} from './case.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';

const moved = ({ advised, claim }: Situation, appended: string): DnsRecord[] =>
  advised.map((record) => ({ ...record, name: `${record.name}.${appended || claim.domain}` }));

/** The advised records, with one of them at another name. */
const misplace = ({ advised, value }: Situation, id: string, name: string): DnsRecord[] =>
  advised.map((record) => (record.value === value(id) ? { ...record, name } : record));

/** Faults of records of any kind alike. */
export const anyKindCases: readonly DiagnosisCase[] = [
  { what: 'everything as advised', published: ({ advised }) => [...advised], codes: {} },
  {
    what: 'everything as advised, in capitals',
    published: ({ advised }) =>
      advised.map((record) =>
        record.type === 'TXT'
          ? record
          : { ...record, name: record.name, value: record.value.toUpperCase() },
      ),
    codes: {},
  },
  { what: 'nothing there', published: () => [], codes: everything('missing') },
  {
    what: 'everything at names with the domain appended',
    published: (s) => moved(s, ''),
    codes: everything('appended-domain'),
  },
  ...(
    [
      ['dkim-zero', (d) => `zero.domainkey.${d}`],
      ['dkim-zero', (d) => `zero.${d}`],
      ['dkim-zero', (d) => `zero._domainkey.www.${d}`],
      ['dmarc', (d) => `dmarc.${d}`],
      ['dmarc', (d) => `-dmarc.${d}`],
      ['dmarc', (d) => `_dmarc.www.${d}`],
      ['ses-identity', (d) => d],
      ['ses-identity', (d) => `amazonses.${d}`],
      ['ses-identity', (d) => `_amazonses.www.${d}`],
      ['mail-from-mx', (d) => d],
      ['mail-from-mx', (d) => `bounces.www.${d}`],
      ['mail-from-spf', (d) => `bounces.www.${d}`],
      ['spf', (d) => `www.${d}`],
    ] as readonly (readonly [string, (domain: string) => string])[]
  ).map(([id, place]): DiagnosisCase => ({
    what: `${id} at ${place('d')}`,
    published: (s) => misplace(s, id, place(s.claim.domain)),
    codes: { [id]: 'wrong-name' },
  })),
  {
    what: 'a DMARC record at the domain itself',
    published: (s) => [
      ...s.advised.filter(({ name }) => name !== `_dmarc.${s.claim.domain}`),
      txt(s.claim.domain, 'v=DMARC1; p=none'),
    ],
    codes: { dmarc: 'wrong-name' },
  },
  {
    what: 'SPF as a CNAME at _spf',
    published: (s) => [
      ...s.advised.filter(({ name, type }) => name !== s.claim.domain || type !== 'TXT'),
      cname(`_spf.${s.claim.domain}`, s.value('spf').split(' ')[1]!.slice('include:'.length)),
    ],
    codes: { spf: 'wrong-name' },
  },
  {
    what: 'a wildcard text, and nothing else',
    published: ({ claim }) => [txt(`*.${claim.domain}`, 'everywhere')],
    codes: each(({ id, type }) => (type === 'MX' || id === 'spf' ? 'missing' : 'wildcard')),
  },
  {
    what: 'a wildcard address, with all the advised records',
    published: (s) => beside(s, a(`*.${s.claim.domain}`, '192.0.2.1')),
    codes: {},
  },
  {
    what: 'a wildcard address, and nothing else',
    published: ({ claim }) => [a(`*.${claim.domain}`, '192.0.2.1')],
    codes: everything('missing'),
  },
];
