import type { RecordCode } from '#shared/core/records/codes.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import { beside, changed, cname, mx, type DiagnosisCase, type Situation } from './case.ts';

const bouncesOf = ({ claim }: Situation) => `bounces.${claim.domain}`;

const mxIs = (
  what: string,
  code: RecordCode,
  records: (situation: Situation, name: string) => DnsRecord[],
): DiagnosisCase => ({
  what,
  published: (s) => changed(s, ...records(s, bouncesOf(s))),
  codes: { 'mail-from-mx': code },
});

export const mailFromCases: readonly DiagnosisCase[] = [
  mxIs('an MX host with the domain appended', 'appended-domain-in-value', (s, name) => [
    mx(name, `${s.value('mail-from-mx')}.${s.claim.domain}`),
  ]),
  mxIs('the preference in the MX host', 'form-residue', (s, name) => [
    mx(name, `10 ${s.value('mail-from-mx')}`),
  ]),
  {
    what: 'a CNAME beside the bounce records',
    published: (s) => beside(s, cname(bouncesOf(s), 'elsewhere.provider.test')),
    codes: { 'mail-from-mx': 'cname-beside-others', 'mail-from-spf': 'cname-beside-others' },
  },
  {
    what: 'a wildcard MX instead of the one of the bounce name',
    published: (s) => [
      ...s.advised.filter(({ name }) => name !== bouncesOf(s)),
      mx(`*.${s.claim.domain}`, '10 mail.provider.test'),
    ],
    codes: { 'mail-from-mx': 'wildcard', 'mail-from-spf': 'missing' },
  },
  mxIs('an MX of another host', 'mx-other-host', (_s, name) => [mx(name, '10 mail.provider.test')]),
  mxIs('an MX of another preference', 'mx-other-preference', (s, name) => [
    mx(name, s.value('mail-from-mx').replace('10', '20')),
  ]),
  mxIs('two MX', 'mx-several', (s, name) => [
    mx(name, s.value('mail-from-mx')),
    mx(name, '20 mail.provider.test'),
  ]),
];
