import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { initialPolicy } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect, treeWalk, type TxtLookup } from '#shared/core/dmarc/policy-in-effect.ts';
import { composeDmarc } from '#shared/core/dmarc/record.ts';

/** Records by domain; null marks a server that does not answer. */
type TestEnvironment = Readonly<Record<string, string | readonly string[] | null | undefined>>;

async function inEffect(domain: string, testEnvironment: TestEnvironment) {
  const asked: string[] = [];
  const effect = await policyInEffect(domain as DomainName, async (name): Promise<TxtLookup> => {
    asked.push(name);
    const found = testEnvironment[name.replace(/^_dmarc\./, '')];
    if (found === null) return { outcome: 'unknown', values: [] };
    if (found === undefined) return { outcome: 'nxdomain', values: [] };
    return { outcome: 'ok', values: [found].flat() };
  });
  return { effect, asked };
}
const found = (at: string, policy: DmarcPolicy) => ({ kind: 'found', at, policy });

describe('treeWalk', () => {
  test('goes up one label at a time', () => {
    expect(treeWalk('a.mail.example.com')).toEqual([
      'a.mail.example.com',
      'mail.example.com',
      'example.com',
      'com',
    ]);
    expect(treeWalk('com')).toEqual(['com']);
  });

  test('asks eight names of a deep domain, as in the example of RFC 9989 §4.10', () => {
    expect(treeWalk('a.b.c.d.e.f.g.h.i.j.mail.example.com')).toEqual([
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'g.h.i.j.mail.example.com',
      'h.i.j.mail.example.com',
      'i.j.mail.example.com',
      'j.mail.example.com',
      'mail.example.com',
      'example.com',
      'com',
    ]);
    for (let labels = 1; labels <= 30; labels += 1) {
      const walk = treeWalk(Array.from({ length: labels }, () => 'a').join('.'));
      expect(walk).toHaveLength(Math.min(labels, 8));
      expect(new Set(walk).size).toBe(walk.length);
    }
  });
});

describe('policyInEffect', () => {
  test("the domain's own record, whole, by one question", async () => {
    const { effect, asked } = await inEffect('mail.example.com', {
      'mail.example.com':
        'v=DMARC1; p=quarantine; sp=reject; np=reject; psd=n; adkim=s; aspf=s; fo=1; t=y; rua=mailto:a@example.com; ruf=mailto:f@example.com',
      'example.com': 'v=DMARC1; p=reject',
    });
    expect(effect).toEqual(
      found('mail.example.com', {
        p: 'quarantine',
        sp: 'reject',
        np: 'reject',
        psd: 'n',
        adkim: 's',
        aspf: 's',
        fo: '1',
        t: 'y',
        rua: ['mailto:a@example.com'],
        ruf: ['mailto:f@example.com'],
      }),
    );
    expect(asked).toEqual(['_dmarc.mail.example.com']);
  });

  test.each<[string, TestEnvironment, string, DmarcPolicy]>([
    [
      "the organisational domain's p",
      { 'example.com': 'v=DMARC1; p=reject' },
      'example.com',
      { p: 'reject' },
    ],
    [
      "the organisational domain's sp before its p, and its report addresses",
      { 'example.com': 'v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:a@example.com' },
      'example.com',
      { p: 'quarantine', rua: ['mailto:a@example.com'] },
    ],
    [
      'the record with the fewest labels, not the nearest',
      { 'mail.example.com': 'v=DMARC1; p=none', 'example.com': 'v=DMARC1; p=reject' },
      'example.com',
      { p: 'reject' },
    ],
    [
      'psd=n ends the walk',
      { 'mail.example.com': 'v=DMARC1; p=quarantine; psd=n', 'example.com': 'v=DMARC1; p=reject' },
      'mail.example.com',
      { p: 'quarantine' },
    ],
    [
      'psd=y makes the name one label below the organisational domain',
      {
        'mail.example.com': 'v=DMARC1; p=none',
        'example.com': 'v=DMARC1; p=quarantine',
        com: 'v=DMARC1; p=reject; psd=y',
      },
      'example.com',
      { p: 'quarantine' },
    ],
    [
      "without a record there the public suffix's, which receivers of the old RFC do not apply",
      { 'mail.example.com': 'v=DMARC1; p=none', com: 'v=DMARC1; p=none; sp=reject; psd=y' },
      'com',
      { p: 'none' },
    ],
    [
      'several records at one name are none',
      {
        'a.mail.example.com': ['v=DMARC1; p=reject', 'v=DMARC1; p=none'],
        'example.com': 'v=DMARC1; p=quarantine',
      },
      'example.com',
      { p: 'quarantine' },
    ],
    [
      'other TXT records at the name are left out of account',
      { 'example.com': ['v=spf1 -all', 'v=DMARC1; p=reject', 'verification=1'] },
      'example.com',
      { p: 'reject' },
    ],
  ])('%s', async (_, testEnvironment, at, policy) => {
    expect((await inEffect('a.mail.example.com', testEnvironment)).effect).toMatchObject(
      found(at, policy),
    );
  });

  test('none where there is no record', async () => {
    expect((await inEffect('mail.example.com', { 'example.com': 'v=spf1 -all' })).effect).toEqual({
      kind: 'none',
    });
  });

  test.each([
    ['at the domain', { 'mail.example.com': null, 'example.com': 'v=DMARC1; p=reject' }],
    ['on the way', { 'example.com': null }],
    ['above a record that may not be the last', { 'example.com': 'v=DMARC1; p=reject', com: null }],
  ])('unknown where DNS does not answer %s', async (_, testEnvironment) => {
    expect((await inEffect('mail.example.com', testEnvironment)).effect).toEqual({
      kind: 'unknown',
    });
  });

  test('an unanswered name above the end of the walk does not matter', async () => {
    const testEnvironment = { 'example.com': 'v=DMARC1; p=reject; psd=n', com: null };
    expect((await inEffect('mail.example.com', testEnvironment)).effect).toEqual(
      found('example.com', { p: 'reject' }),
    );
  });

  test('a report address list that would not fit a hosted record is cut at whole addresses', async () => {
    const rua = Array.from(
      { length: 60 },
      (_, index) => `mailto:${'r'.repeat(40)}${index}@example.com`,
    );
    const { effect } = await inEffect('example.com', {
      'example.com': `v=DMARC1; p=reject; rua=${rua.join(',')}`,
    });
    const kept = effect.kind === 'found' ? (effect.policy.rua ?? []) : [];
    expect(kept).toEqual(rua.slice(0, kept.length));
    expect(kept.join(',').length).toBeGreaterThan(1400);
    expect(kept.join(',').length).toBeLessThanOrEqual(1500);
  });
});

const deployment = { zone: 'sd.example.net' as DomainName };
const withAddresses = (rua: string[], ruf: string[]) =>
  initialPolicy(
    { kind: 'found', at: 'example.com', policy: { p: 'reject', rua, ruf } },
    deployment,
  );

describe('initialPolicy', () => {
  test('none becomes p=none that leaves subdomains alone later, unknown stays unknown', () => {
    expect(initialPolicy({ kind: 'none' }, deployment)).toEqual({ p: 'none', sp: 'none' });
    expect(initialPolicy({ kind: 'unknown' }, deployment)).toBeUndefined();
  });

  test("report addresses of this service, another claim's, are left out", () => {
    expect(
      withAddresses(
        [
          'mailto:label@Reports.SD.example.net',
          'mailto:me@example.com',
          'mailto:x@reports.sd.example.net?a=b',
        ],
        ['mailto:label@reports.sd.example.net'],
      ),
    ).toEqual({ p: 'reject', rua: ['mailto:me@example.com'] });
    expect(withAddresses([], [])).toEqual({ p: 'reject' });
  });

  test('hosting the policy in effect never weakens the domain, with any records in DNS', async () => {
    const strength = { none: 0, quarantine: 1, reject: 2 };
    const disposition = fc.constantFrom('none', 'quarantine', 'reject');
    const record = fc
      .record(
        {
          p: disposition,
          sp: disposition,
          np: disposition,
          psd: fc.constantFrom('y', 'n'),
          t: fc.constantFrom('y', 'n'),
        },
        { requiredKeys: ['p'] },
      )
      .map((policy) => composeDmarc(policy as DmarcPolicy));
    const names = ['a.mail.example.com', 'mail.example.com', 'example.com', 'com'];
    const testEnvironments = fc.record(Object.fromEntries(names.map((name) => [name, record])), {
      requiredKeys: [],
    });
    await fc.assert(
      fc.asyncProperty(
        testEnvironments,
        fc.constantFrom(...names.slice(0, 3)),
        async (testEnvironment, domain) => {
          const before = (await inEffect(domain, testEnvironment)).effect;
          const hosted = initialPolicy(before, deployment) as DmarcPolicy;
          const after = (
            await inEffect(domain, { ...testEnvironment, [domain]: composeDmarc(hosted) })
          ).effect;
          const p = before.kind === 'found' ? before.policy.p : 'none';
          expect(after).toMatchObject({ kind: 'found', at: domain, policy: { p } });
          // Nor does it weaken subdomains, where their walk may now end sooner.
          const below = `below.${domain}`;
          const [then, now] = [
            await inEffect(below, testEnvironment),
            await inEffect(below, { ...testEnvironment, [domain]: composeDmarc(hosted) }),
          ];
          const strengthOf = ({ effect }: typeof then) =>
            strength[effect.kind === 'found' ? effect.policy.p : 'none'];
          expect(strengthOf(now)).toBeGreaterThanOrEqual(strengthOf(then));
        },
      ),
      { numRuns: 500 },
    );
  });
});
