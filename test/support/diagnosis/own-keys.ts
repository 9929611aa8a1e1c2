import type { RecordCode } from '#shared/core/records/codes.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyRing, RingKey } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import type { DiagnosisCase, Situation } from './case.ts';

const selfHosted = (claim: Claim): Claim => ({ ...claim, hosting: 'self' });

const withZero = (claim: Claim, change: (key: RingKey) => RingKey): Claim => {
  const [zero, one, two] = claim.keys;
  return { ...claim, keys: [change(zero), one, two] satisfies KeyRing };
};

const keyText = (publicKey: string): string => `v=DKIM1; k=rsa; p=${publicKey}`;
/** As long as a key of RSA-2048, so that a form that takes 255 characters cuts it off. */
const long = (publicKey: string): string => publicKey + 'Q'.repeat(392 - publicKey.length);

/** Zero signed before, and another key is prepared for it. */
const prepared = (claim: Claim): Claim =>
  withZero(selfHosted(claim), (key) => ({
    ...key,
    state: 'previous',
    prepared: { ...key, id: `k_${'p'.repeat(26)}` as KeyId, publicKey: `${key.publicKey}fresh` },
  }));

const revoked = (claim: Claim): Claim =>
  withZero(prepared(claim), (key) => ({ ...key, state: 'revoked' }));

const slotOf = ({ claim }: Situation): string => `zero._domainkey.${claim.domain}`;

const instead = ({ advised }: Situation, at: string, ...records: DnsRecord[]): DnsRecord[] => [
  ...advised.filter(({ name }) => name !== at),
  ...records,
];

const slotIs = (
  what: string,
  code: RecordCode | undefined,
  records: (situation: Situation, name: string) => readonly Omit<DnsRecord, 'name'>[],
  given = selfHosted,
): DiagnosisCase => ({
  what: `own keys: ${what}`,
  given,
  published: (s) =>
    instead(s, slotOf(s), ...records(s, slotOf(s)).map((one) => ({ ...one, name: slotOf(s) }))),
  codes: code === undefined ? {} : { 'dkim-zero': code },
});

const txt = (...values: readonly string[]) =>
  values.map((value) => ({ type: 'TXT' as const, value }));
const cname = (value: string) => [{ type: 'CNAME' as const, value }];

/** Faults of customers' keys of a claim that hosts them itself. */
export const ownKeyCases: readonly DiagnosisCase[] = [
  {
    what: 'own keys: everything as advised',
    given: selfHosted,
    published: ({ advised }) => [...advised],
    codes: {},
  },
  {
    what: 'own keys: everything as advised, with a key prepared',
    given: prepared,
    published: ({ advised }) => [...advised],
    codes: {},
  },
  slotIs('spaced otherwise, with tags beside', undefined, (s) =>
    txt(s.value('dkim-zero').replace('v=DKIM1; k=rsa; p=', 'v=DKIM1;t=s;h=sha256;p= ')),
  ),
  slotIs('a CNAME to us, which is better', undefined, ({ claim }) =>
    cname(hostedKeyName(claim, claim.keys[0].selector)),
  ),
  slotIs('a CNAME to us of another slot', 'other-provider', ({ claim }) =>
    cname(hostedKeyName(claim, claim.keys[1].selector)),
  ),
  slotIs('not there', 'missing', () => []),
  slotIs('in quotes', 'form-residue', (s) => txt(`"${s.value('dkim-zero')}"`)),
  slotIs('as two strings with their quotes', 'form-residue', (s) =>
    txt(s.value('dkim-zero').replace(/p=(.{8})/, 'p=$1" "')),
  ),
  slotIs(
    'cut off',
    'key-truncated',
    (s) => txt(s.value('dkim-zero').slice(0, 255)),
    (claim) => withZero(selfHosted(claim), (key) => ({ ...key, publicKey: long(key.publicKey) })),
  ),
  slotIs('beside another', 'key-several', (s) => txt(s.value('dkim-zero'), keyText('other'))),
  slotIs('of another slot', 'other-slot', (s) => txt(s.value('dkim-one'))),
  slotIs('of another provider', 'other-provider', () => txt(keyText('MIIBIjANBgkqhkiG9w0'))),
  slotIs('of another tenant’s claim', 'other-provider', ({ other }) =>
    txt(keyText(other.keys[0].publicKey)),
  ),
  slotIs('for another hash', 'other-value', (s) => txt(`${s.value('dkim-zero')}; h=sha1`)),
  slotIs('some other text', 'other-value', () => txt('hello')),
  slotIs('emptied', 'other-value', () => txt('v=DKIM1; k=rsa; p=')),
  slotIs(
    'the key before, while another is prepared',
    'stale-key',
    ({ claim }) => txt(keyText(claim.keys[0].publicKey)),
    prepared,
  ),
  slotIs(
    'a key that is compromised',
    'compromised-key',
    ({ claim }) => txt(keyText(claim.keys[0].publicKey)),
    revoked,
  ),
  slotIs(
    'emptied before another is prepared',
    undefined,
    (s) => txt(s.value('dkim-zero')),
    (claim) => withZero(selfHosted(claim), (key) => ({ ...key, state: 'revoked' })),
  ),
];
