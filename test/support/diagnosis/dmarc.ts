import type { RecordCode } from '#shared/core/records/codes.ts';
import { hostedDmarcName } from '#shared/core/records/kinds/dmarc/hosted.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import { a, beside, cname, instead, txt, type DiagnosisCase, type Situation } from './case.ts';

const dmarcOf = ({ claim }: Situation) => `_dmarc.${claim.domain}`;

const dmarcIs = (
  what: string,
  code: RecordCode,
  record: (situation: Situation, name: string) => DnsRecord,
): DiagnosisCase => ({
  what,
  published: (s) => instead(s, [dmarcOf(s)], record(s, dmarcOf(s))),
  codes: { dmarc: code },
});

const ownDmarcIs = (
  what: string,
  code: RecordCode | undefined,
  record: (situation: Situation) => Omit<DnsRecord, 'name'>,
): DiagnosisCase => ({
  what: `own DMARC: ${what}`,
  given: (claim) => ({ ...claim, hosting: 'self' }),
  published: (s) => instead(s, [dmarcOf(s)], { ...record(s), name: dmarcOf(s) }),
  codes: code === undefined ? {} : { dmarc: code },
});

export const dmarcCases: readonly DiagnosisCase[] = [
  dmarcIs('DMARC in quotes', 'form-residue', (_s, name) => txt(name, '"v=DMARC1; p=none"')),
  dmarcIs('DMARC of an earlier claim', 'old-label', ({ earlier }, name) =>
    cname(name, `_dmarc.${earlier.label}.${earlier.shard}`),
  ),
  dmarcIs('DMARC of another claim', 'other-label', ({ other }, name) =>
    cname(name, `_dmarc.${other.label}.${other.shard}`),
  ),
  dmarcIs('DMARC that the provider answers with addresses', 'flattened', (_s, name) =>
    a(name, '192.0.2.7'),
  ),
  {
    ...dmarcIs('DMARC of their own', 'dmarc-own-record', (_s, name) =>
      txt(name, 'v=DMARC1; p=reject; rua=mailto:a@agency.test'),
    ),
    zones: { 'agency.test': [txt('*._report._dmarc.agency.test', 'v=DMARC1;')] },
  },
  {
    ...dmarcIs('reports to others who did not agree', 'dmarc-address-refused', (_s, name) =>
      txt(name, 'v=DMARC1; p=reject; rua=mailto:a@stranger.test'),
    ),
    zones: { 'stranger.test': [txt('stranger.test', 'v=spf1 -all')] },
  },
  {
    what: 'DMARC that leads to ours by another CNAME',
    published: (s) =>
      instead(
        s,
        [dmarcOf(s)],
        cname(dmarcOf(s), `dm.${s.claim.domain}`),
        cname(`dm.${s.claim.domain}`, s.value('dmarc')),
      ),
    codes: {},
  },
  ...[
    'v=dmarc1; p=none',
    'v=DMARC1\\; p=none',
    'v=DMARC1, p=none, rua=mailto:x@DOMAIN',
    'v=DMARC1 p=none',
    'v\u00a0=\u00a0DMARC1; p=none',
    'DMARC1; p=none',
    'v-DMARC1; p=none',
    'v=DMRAC1; p=none',
    'v=spf1; p=none',
    'p=none; v=DMARC1',
    'p=none; rua=mailto:x@DOMAIN',
    '(v=DMARC1; p=none)',
    '_dmarc v=DMARC1; p=none',
    'v=DMARC1%3B%20p=none',
    'v=DMARC1\\059 p=none',
    'v=DMARC1&#59; p=none',
    'v=DMARC1\u037e p=none',
  ].map((text) =>
    dmarcIs(text, 'dmarc-unrecognized', (s, name) =>
      txt(name, text.replace('DOMAIN', s.claim.domain)),
    ),
  ),
  ...[
    'v=DMARC1; p=reject; sp=all',
    'v=DMARC1; p=reject rua=mailto:x@DOMAIN',
    'v=DMARC1; p=none, rua=mailto:x@DOMAIN',
    'v=DMARC1; p=quarentine',
  ].map((text) =>
    dmarcIs(text, 'dmarc-invalid', (s, name) => txt(name, text.replace('DOMAIN', s.claim.domain))),
  ),
  dmarcIs('DMARC with spaces around =', 'dmarc-own-record', (_s, name) =>
    txt(name, 'v = DMARC1 ; p = reject ; sp = none'),
  ),
  dmarcIs('DMARC in curly quotes', 'form-residue', (_s, name) =>
    txt(name, '\u201cv=DMARC1; p=none\u201d'),
  ),
  dmarcIs('a semicolon between report addresses', 'dmarc-address', (s, name) =>
    txt(name, `v=DMARC1; p=none; rua=mailto:x@${s.claim.domain};mailto:y@${s.claim.domain}`),
  ),
  ...[
    'mailto:<x@DOMAIN>',
    'mailto//x@DOMAIN',
    'mailto:mailto:x@DOMAIN',
    'mail:x@DOMAIN',
    'mailto:x@@DOMAIN',
    'mailto:x',
  ].map((address) =>
    dmarcIs(`the report address ${address}`, 'dmarc-address', (s, name) =>
      txt(name, `v=DMARC1; p=none; rua=${address.replace('DOMAIN', s.claim.domain)}`),
    ),
  ),
  dmarcIs('a report address without mailto:', 'dmarc-address', (s, name) =>
    txt(name, `v=DMARC1; p=none; rua=x@${s.claim.domain}`),
  ),
  ...[
    'v=DMARC1; p:reject',
    'v=DMARC1; p reject',
    'v=DMARC1; policy=reject',
    'v=DMARC1; p\u200b=reject',
    'v=DMARC1;\u00a0p=reject',
    'v=DMARC1; p=none; p=reject',
    'v=DMARC1; p=quarantine; pct=50%',
  ].map((text) => dmarcIs(text, 'dmarc-tag-unread', (_s, name) => txt(name, text))),
  {
    what: 'DMARC of their own beside the CNAME',
    published: (s) => beside(s, txt(dmarcOf(s), 'v=DMARC1; p=quarantine')),
    codes: { dmarc: 'dmarc-beside-cname' },
  },
  {
    what: 'two DMARC records',
    published: (s) =>
      instead(
        s,
        [dmarcOf(s)],
        txt(dmarcOf(s), 'v=DMARC1; p=none'),
        txt(dmarcOf(s), 'v=DMARC1; p=reject'),
      ),
    codes: { dmarc: 'dmarc-several' },
  },
  dmarcIs('DMARC without a policy, which is none', 'dmarc-own-record', (s, name) =>
    txt(name, `v=DMARC1; rua=mailto:x@${s.claim.domain}`),
  ),
  dmarcIs('text that is no DMARC record', 'dmarc-unrecognized', (_s, name) => txt(name, 'hello')),
];

/** Of a claim that hosts its policy itself. */
export const ownDmarcCases: readonly DiagnosisCase[] = [
  ownDmarcIs('a CNAME to us', undefined, ({ claim }) => ({
    type: 'CNAME',
    value: hostedDmarcName(claim),
  })),
  ownDmarcIs('spaced otherwise', undefined, (s) => ({
    type: 'TXT',
    value: s.value('dmarc').replaceAll('; ', ' ;'),
  })),
  ownDmarcIs('as it was advised before', 'dmarc-stale', (s) => ({
    type: 'TXT',
    value: s.value('dmarc').replace('p=none', 'p=reject'),
  })),
  ownDmarcIs('another record', 'dmarc-own-record', () => ({
    type: 'TXT',
    value: 'v=DMARC1; p=reject',
  })),
];
