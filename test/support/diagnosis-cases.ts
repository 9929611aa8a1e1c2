import type { RecordCode } from '#shared/core/records/codes.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DnsRecord } from '../fakes/resolver.ts';

/** A claim, the records that its customer was told, and a claim of somebody else. */
export interface Situation {
  readonly claim: Claim;
  readonly other: Claim;
  /** An earlier claim of the same tenant and domain, deleted and buried. */
  readonly earlier: Claim;
  /** What the customer was told to publish. */
  readonly told: readonly DnsRecord[];
  /** The value of one of those, by its id. */
  readonly value: (id: string) => string;
  /** The text of the key that lies behind a slot. */
  readonly key: (id: string) => string;
}

/** What a customer made of the records, and what must be said of that, exactly. */
export interface DiagnosisCase {
  readonly what: string;
  /** What the claim is like; as it is born where absent. */
  readonly given?: (claim: Claim) => Claim;
  readonly published: (situation: Situation) => DnsRecord[];
  /** The code of each record that is not right; all others are `ok`. */
  readonly codes: Readonly<Record<string, RecordCode>>;
  /** Other people's zones, by name. */
  readonly zones?: Readonly<Record<string, readonly DnsRecord[]>>;
}

const txt = (name: string, value: string): DnsRecord => ({ name, type: 'TXT', value });
const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });
const mx = (name: string, value: string): DnsRecord => ({ name, type: 'MX', value });
const a = (name: string, value: string): DnsRecord => ({ name, type: 'A', value });

const slotOf = ({ claim }: Situation, selector = 'zero') =>
  `${selector}._domainkey.${claim.domain}`;
const dmarcOf = ({ claim }: Situation) => `_dmarc.${claim.domain}`;
const bouncesOf = ({ claim }: Situation) => `bounces.${claim.domain}`;
const sesOf = ({ claim }: Situation) => `_amazonses.${claim.domain}`;
const includeOf = ({ value }: Situation) => value('spf').split(' ')[1]!;

/** All that was told, but for these names, at which there is this instead. */
const instead = (
  { told }: Situation,
  names: readonly string[],
  ...records: readonly DnsRecord[]
): DnsRecord[] => [...told.filter(({ name }) => !names.includes(name)), ...records];

/** What was told, but with these in the place of records of their name and type. */
const changed = ({ told }: Situation, ...records: readonly DnsRecord[]): DnsRecord[] => [
  ...told.filter(
    ({ name, type }) => !records.some((one) => one.name === name && one.type === type),
  ),
  ...records,
];

const beside = ({ told }: Situation, ...records: readonly DnsRecord[]): DnsRecord[] => [
  ...told,
  ...records,
];

const moved = ({ told, claim }: Situation, appended: string): DnsRecord[] =>
  told.map((record) => ({ ...record, name: `${record.name}.${appended || claim.domain}` }));

const ids = 'dkim-zero dkim-one dkim-two ses-identity mail-from-mx mail-from-spf dmarc spf'.split(
  ' ',
);

/** The same code for every record. */
export const everything = (code: RecordCode): Record<string, RecordCode> =>
  Object.fromEntries(ids.map((id) => [id, code]));

const slotIs = (
  what: string,
  code: RecordCode,
  record: (situation: Situation, name: string) => DnsRecord,
): DiagnosisCase => ({
  what,
  published: (s) => instead(s, [slotOf(s)], record(s, slotOf(s))),
  codes: { 'dkim-zero': code },
});

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

const dmarcIs = (
  what: string,
  code: RecordCode,
  record: (situation: Situation, name: string) => DnsRecord,
): DiagnosisCase => ({
  what,
  published: (s) => instead(s, [dmarcOf(s)], record(s, dmarcOf(s))),
  codes: { dmarc: code },
});

const mxIs = (
  what: string,
  code: RecordCode,
  records: (situation: Situation, name: string) => DnsRecord[],
): DiagnosisCase => ({
  what,
  published: (s) => changed(s, ...records(s, bouncesOf(s))),
  codes: { 'mail-from-mx': code },
});

const tokenIs = (
  what: string,
  code: RecordCode,
  text: (token: string) => string,
): DiagnosisCase => ({
  what,
  published: (s) => changed(s, txt(sesOf(s), text(s.value('ses-identity')))),
  codes: { 'ses-identity': code },
});

/** A zone of somebody's with `count` records that each are included. */
const includes = (zone: string, count: number): readonly DnsRecord[] =>
  Array.from({ length: count }, (_, i) => txt(`i${i}.${zone}`, `v=spf1 ip4:192.0.2.${i} ~all`));
const includesOf = (zone: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `include:i${i}.${zone}`).join(' ');

/** Every mistake that is known by a code, as customers make it. */
export const diagnosisCases: readonly DiagnosisCase[] = [
  { what: 'everything as told', published: ({ told }) => [...told], codes: {} },
  {
    what: 'everything as told, in capitals',
    published: ({ told }) =>
      told.map((record) =>
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
  slotIs('a target with the domain appended', 'appended-domain-in-value', (s, name) =>
    cname(name, `${s.value('dkim-zero')}.${s.claim.domain}`),
  ),
  mxIs('an MX host with the domain appended', 'appended-domain-in-value', (s, name) => [
    mx(name, `${s.value('mail-from-mx')}.${s.claim.domain}`),
  ]),
  spfIs(
    'an include with the domain appended',
    'appended-domain-in-value',
    (include, { claim }) => `v=spf1 ${include}.${claim.domain} ~all`,
  ),

  spfIs('SPF in quotes', 'form-residue', (include) => `"v=spf1 ${include} ~all"`),
  spfIs('SPF with the type in front', 'form-residue', (include) => `TXT v=spf1 ${include} ~all`),
  spfIs('SPF with a quote at its end', 'form-residue', (include) => `v=spf1 ${include} ~all"`),
  spfIs('SPF with a space in front', 'form-residue', (include) => ` v=spf1 ${include} ~all`),
  tokenIs('an SES value in quotes', 'form-residue', (token) => `"${token}"`),
  tokenIs('an SES value with the type in front', 'form-residue', (token) => `TXT ${token}`),
  tokenIs('an SES value with a space behind', 'form-residue', (token) => `${token} `),
  slotIs('a target in quotes', 'form-residue', (s, name) =>
    cname(name, `"${s.value('dkim-zero')}"`),
  ),
  slotIs('a target as a web address', 'form-residue', (s, name) =>
    cname(name, `https://${s.value('dkim-zero')}`),
  ),
  slotIs('the target as TXT', 'form-residue', (s, name) => txt(name, s.value('dkim-zero'))),
  dmarcIs('DMARC in quotes', 'form-residue', (_s, name) => txt(name, '"v=DMARC1; p=none"')),
  mxIs('the preference in the MX host', 'form-residue', (s, name) => [
    mx(name, `10 ${s.value('mail-from-mx')}`),
  ]),

  slotIs('a slot of another claim', 'other-label', ({ other }, name) =>
    cname(name, `zero._domainkey.${other.label}.${other.shard}`),
  ),
  slotIs('a slot of a label that never was', 'other-label', ({ other }, name) =>
    cname(name, `zero._domainkey.${'z'.repeat(26)}.${other.shard}`),
  ),
  slotIs('a slot of an earlier claim', 'old-label', ({ earlier }, name) =>
    cname(name, `zero._domainkey.${earlier.label}.${earlier.shard}`),
  ),
  dmarcIs('DMARC of an earlier claim', 'old-label', ({ earlier }, name) =>
    cname(name, `_dmarc.${earlier.label}.${earlier.shard}`),
  ),
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
  dmarcIs('DMARC of another claim', 'other-label', ({ other }, name) =>
    cname(name, `_dmarc.${other.label}.${other.shard}`),
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
  tokenIs('an SES value of another account', 'other-value', () => 'anothertoken'),

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
  dmarcIs('DMARC that the provider answers with addresses', 'flattened', (_s, name) =>
    a(name, '192.0.2.7'),
  ),
  {
    what: 'a CNAME beside the key',
    published: (s) => beside(s, txt(slotOf(s), s.key('dkim-zero'))),
    codes: { 'dkim-zero': 'cname-beside-others' },
  },
  {
    what: 'a CNAME beside the bounce records',
    published: (s) => beside(s, cname(bouncesOf(s), 'elsewhere.provider.test')),
    codes: { 'mail-from-mx': 'cname-beside-others', 'mail-from-spf': 'cname-beside-others' },
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
  {
    what: 'a wildcard text, and nothing else',
    published: ({ claim }) => [txt(`*.${claim.domain}`, 'everywhere')],
    codes: {
      ...everything('wildcard'),
      'mail-from-mx': 'missing',
      spf: 'missing',
    },
  },
  {
    what: 'a wildcard MX instead of the one of the bounce name',
    published: (s) => [
      ...s.told.filter(({ name }) => name !== bouncesOf(s)),
      mx(`*.${s.claim.domain}`, '10 mail.provider.test'),
    ],
    codes: { 'mail-from-mx': 'wildcard', 'mail-from-spf': 'missing' },
  },
  {
    what: 'a wildcard address, with all that was told',
    published: (s) => beside(s, a(`*.${s.claim.domain}`, '192.0.2.1')),
    codes: {},
  },
  {
    what: 'a wildcard address, and nothing else',
    published: ({ claim }) => [a(`*.${claim.domain}`, '192.0.2.1')],
    codes: everything('missing'),
  },

  dmarcIs('DMARC of their own', 'dmarc-own-record', (_s, name) =>
    txt(name, 'v=DMARC1; p=reject; rua=mailto:a@provider.test'),
  ),
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
  dmarcIs('DMARC without a policy', 'dmarc-invalid', (_s, name) =>
    txt(name, 'v=DMARC1; rua=mailto:a@provider.test'),
  ),
  dmarcIs('text that is no DMARC record', 'dmarc-invalid', (_s, name) => txt(name, 'hello')),

  {
    what: 'two SPF records',
    published: (s) => beside(s, txt(s.claim.domain, 'v=spf1 ip4:192.0.2.1 -all')),
    codes: { spf: 'spf-several' },
  },
  spfIs('SPF without our include', 'spf-no-include', () => 'v=spf1 ip4:192.0.2.1 -all'),
  spfIs('our include after all', 'spf-include-after-all', (one) => `v=spf1 -all ${one}`),
  spfIs('our include as a failure', 'spf-include-negated', (one) => `v=spf1 -${one} ~all`),
  spfIs('our include twice', 'spf-include-duplicated', (one) => `v=spf1 ${one} ${one} -all`),
  spfIs('SPF that breaks the grammar', 'spf-invalid', (one) => `v=spf1 ${one} ipv4:192.0.2.1 ~all`),
  spfIs(
    'an include that is not there',
    'spf-broken-include',
    (one) => `v=spf1 ${one} include:gone.provider.test ~all`,
  ),
  spfIs(
    'SPF with all the look-ups that there may be',
    undefined,
    (one) => `v=spf1 ${one} ${includesOf('eight.test', 8)} -all`,
    { 'eight.test': includes('eight.test', 8) },
  ),
  spfIs(
    'SPF with one look-up too many',
    'spf-too-many-lookups',
    (one) => `v=spf1 ${one} ${includesOf('nine.test', 9)} -all`,
    { 'nine.test': includes('nine.test', 9) },
  ),
  spfIs(
    'SPF that leads in a circle',
    'spf-too-many-lookups',
    (one) => `v=spf1 ${one} include:circle.test -all`,
    { 'circle.test': [txt('circle.test', 'v=spf1 include:circle.test ~all')] },
  ),
  spfIs(
    'SPF with two void look-ups',
    undefined,
    (one) => `v=spf1 ${one} a:x.void.test a:y.void.test -all`,
    { 'void.test': [txt('void.test', 'v=spf1 -all')] },
  ),
  spfIs(
    'SPF with three void look-ups',
    'spf-too-many-voids',
    (one) => `v=spf1 ${one} a:x.void.test a:y.void.test mx:z.void.test -all`,
    { 'void.test': [txt('void.test', 'v=spf1 -all')] },
  ),

  mxIs('an MX of another host', 'mx-other-host', (_s, name) => [mx(name, '10 mail.provider.test')]),
  mxIs('an MX of another preference', 'mx-other-preference', (s, name) => [
    mx(name, s.value('mail-from-mx').replace('10', '20')),
  ]),
  mxIs('two MX', 'mx-several', (s, name) => [
    mx(name, s.value('mail-from-mx')),
    mx(name, '20 mail.provider.test'),
  ]),
];
