import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpfSettings } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedSpfName, promisedLookups } from '#shared/core/records/kinds/spf/hosted.ts';
import {
  evaluateSpf,
  MAX_LOOKUPS,
  type SpfLookup,
  type SpfResult,
} from '#shared/core/spf/evaluate.ts';
import { formatIp } from '#shared/core/spf/ip-address.ts';
import { normalMechanism, shortest } from '#shared/core/spf/mechanism.ts';
import { isTooLarge, spfTree } from '#shared/core/spf/tree.ts';
import { deployment as base, givenClaim } from '../../../fakes/given-claim.ts';

const domain = 'example.com';
const address = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((octets) => formatIp(Uint8Array.from([...octets].map((octet) => octet & 0xe1))));
const address6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((octets) => formatIp(Uint8Array.from([0x20, 1, ...octets.slice(2)])));
const host = fc.constantFrom('a.test', 'b.test', 'c.test', 'nothing.test', 'silent.test', domain);
const included = fc.constantFrom('in1.test', 'in2.test', 'In2.test.', 'soft.test', 'broken.test');

const mechanism = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(address, fc.integer({ min: 8, max: 32 }))
      .map(([ip, p]) => `ip4:${ip}/${p}`),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(address6, fc.integer({ min: 16, max: 128 }))
      .map(([ip, p]) => `ip6:${ip}/${p}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('a', 'mx'), host).map(([kind, name]) => `${kind}:${name}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a', 'mx', 'a/24', 'exists:%{ir}.%{d}', 'exists:%{l}.users.test'),
  },
  { weight: 1, arbitrary: included.map((name) => `include:${name}`) },
);
const mechanisms = fc.oneof(
  fc.array(mechanism, { maxLength: 12 }),
  fc.array(mechanism, { minLength: 20, maxLength: 60 }),
);
const senders = fc.constantFrom(
  ['include:amazonses.com'],
  ['ip4:203.0.113.0/24', 'include:amazonses.com', 'a:relay.test'],
);
const all = fc.constantFrom('~all', '-all', '?all') as fc.Arbitrary<
  NonNullable<SpfSettings['all']>
>;

/** The world around the hosted records. */
const testEnvironment: Record<string, Partial<Record<string, string[]>> | 'silent'> = {
  'amazonses.com': { TXT: ['v=spf1 ip4:199.255.192.0/22 -all'] },
  'in1.test': { TXT: ['v=spf1 ip4:96.0.0.0/8 ip6:2001:100::/24 -all'] },
  'in2.test': { TXT: ['v=spf1 include:in1.test ?ip4:1.1.1.1 ~all'] },
  'soft.test': { TXT: ['v=spf1 ~ip4:64.0.0.0/4'] },
  'broken.test': { TXT: ['v=spf1 nonsense'] },
  'silent.test': 'silent',
  'relay.test': { A: ['203.0.113.200'] },
  'a.test': { A: ['32.1.1.1', '64.64.64.64'], MX: ['10 b.test'] },
  'b.test': { A: ['128.1.1.1'], AAAA: ['2001:db8::1'], MX: ['10 a.test', '20 c.test'] },
  'c.test': { A: ['1.1.1.1'], MX: [] },
  'me.users.test': { A: ['127.0.0.2'] },
  [domain]: { A: ['225.1.1.1'], MX: ['10 a.test'] },
};

const dnsOf =
  (record: string, hosted: ReadonlyMap<string, string>): SpfLookup =>
  async (asked, type) => {
    const name = asked.toLowerCase();
    if (name === domain && type === 'TXT') return { outcome: 'ok', values: [record] };
    const text = hosted.get(name);
    if (text !== undefined) return { outcome: 'ok', values: type === 'TXT' ? [text] : [] };
    const entry = testEnvironment[name];
    if (entry === 'silent') return { outcome: 'unknown', values: [] };
    return { outcome: entry === undefined ? 'nxdomain' : 'ok', values: entry?.[type] ?? [] };
  };

/** The verdict on a mail from `me@example.com` where its SPF record is `record`, and what it took. */
const verdictOf = (record: string, hosted: ReadonlyMap<string, string>, ip: string) =>
  evaluateSpf(
    { ip, helo: domain, mailFrom: `me@${domain}`, receiver: 'r.test', epochSeconds: 1 },
    dnsOf(record, hosted),
  );

/** Returns true if the API takes the mechanisms: it refuses what receivers could not follow. */
async function isAccepted({ hosted, top, promised }: Case): Promise<boolean> {
  const record = `v=spf1 include:${top} ~all`;
  return (
    promised <= MAX_LOOKUPS && !isTooLarge(await spfTree(domain, record, dnsOf(record, hosted)))
  );
}

interface Case {
  readonly raw: readonly string[];
  readonly normal: readonly string[];
  readonly hosted: ReadonlyMap<string, string>;
  readonly top: string;
  readonly promised: number;
}

/** The hosted SPF of a claim; undefined where it is refused as too long, which is the customer's to hear. */
function given(
  raw: readonly string[],
  settings: Omit<SpfSettings, 'mechanisms'>,
  own: readonly string[],
): Case | undefined {
  const deployment = { ...base, senders: own };
  const normal = raw.map((text) => normalMechanism(text, { domain, zone: deployment.zone }));
  const claim = givenClaim({ spf: { ...settings, mechanisms: normal } });
  try {
    const records = hostedRecords(claim, deployment).filter(({ name }) => name.startsWith('_spf'));
    for (const { name, values } of records) {
      expect(name.length + values.join('').length).toBeLessThanOrEqual(450);
    }
    const promised = promisedLookups(claim, deployment);
    const hosted = new Map(records.map(({ name, values }) => [name, values.join('')]));
    return { raw, normal, hosted, top: hostedSpfName(claim), promised };
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe('spf-too-long');
    return undefined;
  }
}

const addresses = fc.array(fc.oneof(address, address6), { minLength: 1, maxLength: 4 });
/** Addresses that the mechanisms name, where verdicts change. */
const named = (raw: readonly string[]) =>
  raw.flatMap((text) => /^ip[46]:([^/]+)/.exec(text)?.[1] ?? []).slice(0, 6);
const known = [
  '199.255.192.1',
  '96.1.2.3',
  '64.64.64.64',
  '128.1.1.1',
  '225.1.1.200',
  '203.0.113.9',
  '2001:db8::1',
  '2001:100::1',
  '1.1.1.1',
];

describe('for any mechanisms that a customer can give', () => {
  test('the hosted chain says of any address what one record would say, however long', async () => {
    let compared = 0;
    const records = new Set<number>();
    const results = new Set<SpfResult>();
    await fc.assert(
      fc.asyncProperty(mechanisms, senders, all, addresses, async (raw, own, all, ips) => {
        const made = given(raw, { all }, own);
        if (made === undefined || !(await isAccepted(made))) return;
        records.add(made.hosted.size);
        const unsplit = ['v=spf1', ...shortest([...own, ...made.normal]), all].join(' ');
        const extra = made.hosted.size - 1;
        for (const ip of [...ips, ...named(raw), ...known]) {
          const whole = await verdictOf(unsplit, made.hosted, ip);
          const chained = await verdictOf(`v=spf1 redirect=${made.top}`, made.hosted, ip);
          expect(chained.result).toBe(whole.result);
          expect(chained.lookups).toBeLessThanOrEqual(whole.lookups + 1 + extra);
          results.add(whole.result);
          compared += 1;
        }
      }),
      { numRuns: 300 },
    );
    console.log(
      `chains of ${[...records].toSorted((a, b) => a - b).join(', ')} records, ${compared} verdicts the same: ${[...results].join(', ')}`,
    );
    expect([...records].toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(results.size).toBeGreaterThanOrEqual(5);
  });

  test('it says what the customer wrote, as it would read at their own domain', async () => {
    const harmless = mechanism.filter((text) => !/silent|broken|nothing/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(harmless, { maxLength: 30 }),
        all,
        addresses,
        async (raw, all, ips) => {
          const made = given(raw, { all }, base.senders);
          if (made === undefined || !(await isAccepted(made))) return;
          const written = ['v=spf1', ...base.senders, ...raw, all].join(' ');
          for (const ip of [...ips, ...named(raw), ...known]) {
            const theirs = await verdictOf(written, made.hosted, ip);
            // Repeating a mechanism costs lookups in their record that ours saves.
            if (theirs.result === 'permerror') continue;
            const ours = await verdictOf(`v=spf1 redirect=${made.top}`, made.hosted, ip);
            expect(ours.result).toBe(theirs.result);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('its own terms cause as many lookups as promised and no more', async () => {
    await fc.assert(
      fc.asyncProperty(mechanisms, senders, addresses, async (raw, own, ips) => {
        const made = given(raw, {}, own);
        if (made === undefined || !(await isAccepted(made))) return;
        // Includes of one lookup each: those within other includes are theirs.
        if (/in2|In2|silent|broken|soft/.test(raw.join(' '))) return;
        let most = 0;
        for (const ip of [...ips, '9.9.9.9']) {
          const { lookups } = await verdictOf(`v=spf1 include:${made.top} -all`, made.hosted, ip);
          most = Math.max(most, lookups);
        }
        expect(most).toBeLessThanOrEqual(made.promised);
      }),
      { numRuns: 300 },
    );
  });
});

test('the promise counts the customer’s include, the chain, and each term that causes a lookup', () => {
  expect(promised([])).toBe(2);
  expect(promised(['ip4:192.0.2.1', 'mx:a.test', 'include:b.test'])).toBe(4);
  const many = Array.from({ length: 25 }, (_, index) => `ip4:198.51.100.${index * 2}`);
  expect(promised(many)).toBe(3);
});

const promised = (mechanisms: readonly string[]) =>
  promisedLookups(givenClaim({ spf: { mechanisms } }), base);
