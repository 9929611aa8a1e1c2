import { a, beside, each, everything, txt, type DiagnosisCase, type Situation } from './case.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';

const moved = ({ advised, claim }: Situation, appended: string): DnsRecord[] =>
  advised.map((record) => ({ ...record, name: `${record.name}.${appended || claim.domain}` }));

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
