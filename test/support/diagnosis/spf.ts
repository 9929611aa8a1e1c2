import type { RecordCode } from '#shared/core/records/codes.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import { beside, changed, txt, type DiagnosisCase, type Situation } from './case.ts';

const includeOf = ({ value }: Situation) => value('spf').split(' ')[1]!;

const spfIs = (
  what: string,
  code: RecordCode | undefined,
  text: (include: string, situation: Situation) => string,
  zones?: DiagnosisCase['zones'],
): DiagnosisCase => ({
  what,
  published: (s) => changed(s, txt(s.claim.domain, text(includeOf(s), s))),
  codes: code === undefined ? {} : { spf: code },
  ...(zones === undefined ? {} : { zones }),
});

/** A zone of somebody's with `count` records that each are included. */
const includes = (zone: string, count: number): readonly DnsRecord[] =>
  Array.from({ length: count }, (_, i) => txt(`i${i}.${zone}`, `v=spf1 ip4:192.0.2.${i} ~all`));
const includesOf = (zone: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `include:i${i}.${zone}`).join(' ');

export const spfCases: readonly DiagnosisCase[] = [
  spfIs(
    'an include with the domain appended',
    'appended-domain-in-value',
    (include, { claim }) => `v=spf1 ${include}.${claim.domain} ~all`,
  ),
  spfIs('SPF in quotes', 'form-residue', (include) => `"v=spf1 ${include} ~all"`),
  spfIs('SPF with the type in front', 'form-residue', (include) => `TXT v=spf1 ${include} ~all`),
  spfIs('SPF with a quote at its end', 'form-residue', (include) => `v=spf1 ${include} ~all"`),
  spfIs('SPF with a space in front', 'form-residue', (include) => ` v=spf1 ${include} ~all`),
  spfIs(
    'the include of an earlier claim',
    'old-label',
    (_include, { earlier }) => `v=spf1 include:_spf.${earlier.label}.${earlier.shard} ~all`,
  ),
  spfIs(
    'the include of an earlier claim, with ours beside it',
    undefined,
    (include, { earlier }) =>
      `v=spf1 include:_spf.${earlier.label}.${earlier.shard} ${include} ~all`,
  ),
  spfIs(
    'the include of another claim',
    'spf-no-include',
    (_include, { other }) => `v=spf1 include:_spf.${other.label}.${other.shard} ~all`,
  ),
  {
    what: 'two SPF records',
    published: (s) => beside(s, txt(s.claim.domain, 'v=spf1 ip4:192.0.2.1 -all')),
    codes: { spf: 'spf-several' },
  },
  spfIs('SPF without our include', 'spf-no-include', () => 'v=spf1 ip4:192.0.2.1 -all'),
  spfIs(
    'a record of one’s own that lists our senders',
    'spf-own-senders',
    () => 'v=spf1 ip4:192.0.2.1 Include:amazonses.com. -all',
  ),
  spfIs('our senders, but after all', 'spf-no-include', () => 'v=spf1 -all include:amazonses.com'),
  spfIs('our senders, but not let send', 'spf-no-include', () => 'v=spf1 ~include:amazonses.com'),
  spfIs('our include after all', 'spf-include-after-all', (one) => `v=spf1 -all ${one}`),
  spfIs('a sender after all', 'spf-senders-after-all', (one) => `v=spf1 ${one} ~all ip4:192.0.2.1`),
  {
    what: 'a text that was meant as SPF beside the record',
    published: (s) => beside(s, txt(s.claim.domain, 'v=spf ip4:192.0.2.1 ~all')),
    codes: { spf: 'spf-unrecognized' },
  },
  spfIs('our include as a failure', 'spf-include-negated', (one) => `v=spf1 -${one} ~all`),
  spfIs('our include twice', 'spf-include-duplicated', (one) => `v=spf1 ${one} ${one} -all`),
  ...(
    [
      ['with commas', (one) => `v=spf1, ip4:192.0.2.1, ${one}, ~all`],
      ['without the 1', (one) => `v=spf ip4:192.0.2.1 ${one} ~all`],
      ['with a no-break space', (one) => `v=spf1\u00a0ip4:192.0.2.1 ${one} ~all`],
      ['with a zero-width space', (one) => `v=\u200bspf1 ip4:192.0.2.1 ${one} ~all`],
      ['without a space after the version', (one) => `v=spf1${one} ~all`],
      ['without v=', (one) => `spf1 ip4:192.0.2.1 ${one} ~all`],
      ['without a version', (one) => `ip4:192.0.2.1 ${one}`],
      ['with another version', (one) => `v=spf2 ip4:192.0.2.1 ${one} ~all`],
      ['with letters exchanged', (one) => `v=sfp1 ip4:192.0.2.1 ${one} ~all`],
      ['in brackets', (one) => `(v=spf1 ip4:192.0.2.1 ${one} ~all)`],
      ['with a caption', (one) => `value: v=spf1 ip4:192.0.2.1 ${one} ~all`],
      ['with its name', (one) => `@ v=spf1 ip4:192.0.2.1 ${one} ~all`],
      ['with escapes of URLs', (one) => `v=spf1%20ip4:192.0.2.1%20${one}%20~all`],
      ['with escapes of zone files', (one) => `v=spf1\\032ip4:192.0.2.1\\032${one}\\032~all`],
      ['with escapes of HTML', (one) => `v=spf1&nbsp;ip4:192.0.2.1 ${one} ~all`],
      ['without a version', (one) => `ip4:192.0.2.1 ${one} ~all`],
    ] as readonly (readonly [string, (one: string) => string])[]
  ).map(([what, text]) => spfIs(`SPF ${what}`, 'spf-unrecognized', text)),
  ...(
    [
      ['a space after include:', (one) => `v=spf1 ${one.replace(':', ': ')} ~all`],
      ['= after include', (one) => `v=spf1 ${one.replace(':', '=')} ~all`],
      ['a bare address', (one) => `v=spf1 192.0.2.1 ${one} ~all`],
      ['an IPv6 address as ip4', (one) => `v=spf1 ip4:2001:db8::1 ${one} ~all`],
      ['strings joined without a space', (one) => `v=spf1 ip4:192.0.2.1${one} ~all`],
      ['includes joined without a space', (one) => `v=spf1 include:a.test${one} ~all`],
      ['a zero-width space in it', (one) => `v=spf1 ip4:192.0.2.1\u200b ${one} ~all`],
      ['a long dash', (one) => `v=spf1 ${one} \u2013all`],
    ] as readonly (readonly [string, (one: string) => string])[]
  ).map(([what, text]) => spfIs(`SPF with ${what}`, 'spf-invalid', text)),
  spfIs('SPF in curly quotes', 'form-residue', (one) => `\u201cv=spf1 ${one} ~all\u201d`),
  spfIs(
    'SPF that includes itself',
    'spf-loop',
    (one, { claim }) => `v=spf1 include:${claim.domain} ${one} ~all`,
  ),
  spfIs('a redirect to ours', undefined, (one) => `v=spf1 ${one.replace('include:', 'redirect=')}`),
  spfIs(
    'a redirect to ours beside all',
    'spf-no-include',
    (one) => `v=spf1 ${one.replace('include:', 'redirect=')} -all`,
  ),
  spfIs('+all', 'spf-open', (one) => `v=spf1 ${one} +all`),
  spfIs('a network of all addresses', 'spf-open', (one) => `v=spf1 ${one} ip4:0.0.0.0/0 -all`),
  spfIs(
    'the addresses around its own, all of them',
    'spf-open',
    (one) => `v=spf1 ${one} mx/0 -all`,
  ),
  spfIs('ptr', 'spf-ptr', (one) => `v=spf1 ${one} ptr -all`),
  spfIs(
    'an address of a domain that nobody registered',
    'spf-unregistered',
    (one) => `v=spf1 ${one} a:mail.nobody.test -all`,
  ),
  spfIs('SPF that breaks the grammar', 'spf-invalid', (one) => `v=spf1 ${one} inlcude:a.test ~all`),
  spfIs(
    'an include that is not there',
    'spf-broken-include',
    (one) => `v=spf1 ${one} include:gone.provider.test ~all`,
  ),
  spfIs(
    'SPF with the most lookups allowed',
    undefined,
    (one) => `v=spf1 ${one} ${includesOf('eight.test', 8)} -all`,
    { 'eight.test': includes('eight.test', 8) },
  ),
  spfIs(
    'SPF with one lookup too many',
    'spf-too-many-lookups',
    (one) => `v=spf1 ${one} ${includesOf('nine.test', 9)} -all`,
    { 'nine.test': includes('nine.test', 9) },
  ),
  spfIs(
    'SPF that leads in a circle',
    'spf-loop',
    (one) => `v=spf1 ${one} include:circle.test -all`,
    { 'circle.test': [txt('circle.test', 'v=spf1 include:circle.test ~all')] },
  ),
  spfIs(
    'SPF with two void lookups',
    undefined,
    (one) => `v=spf1 ${one} a:x.void.test a:y.void.test -all`,
    { 'void.test': [txt('void.test', 'v=spf1 -all')] },
  ),
  spfIs(
    'SPF with three void lookups',
    'spf-too-many-voids',
    (one) => `v=spf1 ${one} a:x.void.test a:y.void.test mx:z.void.test -all`,
    { 'void.test': [txt('void.test', 'v=spf1 -all')] },
  ),
];
