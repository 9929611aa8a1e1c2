import type { RecordCode } from '#shared/core/records/codes.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import { a, beside, cname, instead, txt, type DiagnosisCase, type Situation } from './case.ts';

const slotOf = ({ claim }: Situation, selector = 'zero') =>
  `${selector}._domainkey.${claim.domain}`;

const slotIs = (
  what: string,
  code: RecordCode,
  record: (situation: Situation, name: string) => DnsRecord,
): DiagnosisCase => ({
  what,
  published: (s) => instead(s, [slotOf(s)], record(s, slotOf(s))),
  codes: { 'dkim-zero': code },
});

/** Faults of customers' CNAMEs at their DKIM keys. */
export const dkimCases: readonly DiagnosisCase[] = [
  slotIs('a target with the domain appended', 'appended-domain-in-value', (s, name) =>
    cname(name, `${s.value('dkim-zero')}.${s.claim.domain}`),
  ),
  slotIs('a target in quotes', 'form-residue', (s, name) =>
    cname(name, `"${s.value('dkim-zero')}"`),
  ),
  slotIs('a target as a web address', 'form-residue', (s, name) =>
    cname(name, `https://${s.value('dkim-zero')}`),
  ),
  slotIs('the target as TXT', 'form-residue', (s, name) => txt(name, s.value('dkim-zero'))),
  slotIs('a slot of another claim', 'other-label', ({ other }, name) =>
    cname(name, `zero._domainkey.${other.label}.${other.shard}`),
  ),
  slotIs('a slot of a label that never was', 'other-label', ({ other }, name) =>
    cname(name, `zero._domainkey.${'z'.repeat(26)}.${other.shard}`),
  ),
  slotIs('a slot of an earlier claim', 'old-label', ({ earlier }, name) =>
    cname(name, `zero._domainkey.${earlier.label}.${earlier.shard}`),
  ),
  slotIs('a slot at the key of another slot', 'other-slot', (s, name) =>
    cname(name, s.value('dkim-one')),
  ),
  slotIs('a copy of the key of another slot', 'other-slot', (s, name) =>
    txt(name, s.key('dkim-one')),
  ),
  slotIs('a slot at another provider', 'other-provider', (_s, name) =>
    cname(name, 'key.provider.test'),
  ),
  slotIs('a key of another provider', 'other-provider', (_s, name) =>
    txt(name, 'v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'),
  ),
  slotIs('some other text', 'other-value', (_s, name) => txt(name, 'hello')),
  slotIs('a copy of the key', 'copied-key', (s, name) => txt(name, s.key('dkim-zero'))),
  slotIs('a copy of the key with spaces in it', 'copied-key', (s, name) =>
    txt(name, s.key('dkim-zero').replace(/p=(.{8})/, 'p=$1 ')),
  ),
  slotIs('a slot that the provider answers with addresses', 'flattened', (_s, name) =>
    a(name, '192.0.2.7'),
  ),
  {
    what: 'a slot behind a proxy that shows the key too',
    published: (s) =>
      instead(s, [slotOf(s)], a(slotOf(s), '192.0.2.7'), txt(slotOf(s), s.key('dkim-zero'))),
    codes: { 'dkim-zero': 'flattened' },
  },
  {
    what: 'a CNAME beside the key',
    published: (s) => beside(s, txt(slotOf(s), s.key('dkim-zero'))),
    codes: { 'dkim-zero': 'cname-beside-others' },
  },
  {
    what: 'a wildcard CNAME instead of the slots',
    published: (s) => [
      ...instead(
        s,
        ['zero', 'one', 'two'].map((one) => slotOf(s, one)),
      ),
      cname(`*._domainkey.${s.claim.domain}`, s.value('dkim-zero')),
    ],
    codes: { 'dkim-zero': 'wildcard', 'dkim-one': 'wildcard', 'dkim-two': 'wildcard' },
  },
];
