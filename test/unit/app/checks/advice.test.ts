import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '#shared/app/checks/evaluate/evaluate.ts';
import { queryRecords } from '#shared/app/checks/query-records.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { parseDmarc } from '#shared/core/dmarc/record.ts';
import { evaluateSpf, type SpfResult } from '#shared/core/spf/evaluate.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { dmarcMutations, realDmarcRecords } from '../../../support/mutations/dmarc.ts';
import {
  ownHosts,
  realSpfRecords,
  senders,
  spfDamage,
  spfMutations,
  spfZones,
  type Mutation,
} from '../../../support/mutations/spf.ts';
import { strictness } from '../../../support/mutations/strictness.ts';
import { isLong } from '../../../support/long.ts';
import { claimsOf, givenSituation } from '../../../support/situation.ts';
import { TestEnvironment } from './test-environment.ts';

const DOMAIN = 'shop.test' as DomainName;
const testEnvironment = new TestEnvironment();
const situation = givenSituation(DOMAIN);
testEnvironment.host(situation.claim);
const claims = await claimsOf(situation);
const token = { token: situation.value('ses-identity') };
const ours = situation.value('spf').split(' ')[1]!.slice('include:'.length);

const record = ([name, type, value]: readonly [string, DnsRecord['type'], string]): DnsRecord => ({
  name,
  type,
  value,
});
for (const [apex, records] of Object.entries(spfZones)) {
  testEnvironment.dns.zone(apex, records.map(record));
}

/** The domain with these texts at a name, in place of what was advised there. */
function publish(name: string, ...texts: readonly string[]): void {
  testEnvironment.dns.zone(DOMAIN, [
    ...situation.advised.filter((advised) => advised.name !== name),
    ...ownHosts.map(record),
    ...texts.map((value) => ({ name, type: 'TXT' as const, value })),
  ]);
}

async function check(id: string): Promise<RecordCheck> {
  const { observations, setting } = await queryRecords(situation.claim, token, {
    ...testEnvironment.ports,
    claims,
  });
  const records = customerRecords(situation.claim, token, deployment);
  return evaluate(records, observations, setting).find((one) => one.id === id)!;
}

/** The evaluator's result for each sender, by the DNS as it is. */
const spfResults = (): Promise<SpfResult[]> =>
  Promise.all(
    senders.map(async (ip) => {
      const mail = { ip, helo: DOMAIN, mailFrom: `a@${DOMAIN}`, receiver: 'r', epochSeconds: 0 };
      const { result } = await evaluateSpf(mail, (name, type) =>
        testEnvironment.dns.lookup(name, type),
      );
      return result;
    }),
  );

const passing = (results: readonly SpfResult[]): string[] =>
  senders.filter((_, index) => results[index] === 'pass');

/** Of the kinds, one in so many is tried in the short form. */
const SHARE = 4;

/** Some kinds of mutation, each on one of the records; in the long form all of them on all. */
function eachKind(
  kinds: readonly Mutation[],
  records: readonly string[],
  property: (kind: Mutation, text: string) => Promise<void>,
): Promise<void> {
  const pairs = kinds.flatMap((kind) => records.map((text) => [kind, text] as const));
  if (isLong)
    return pairs.reduce((done, pair) => done.then(() => property(...pair)), Promise.resolve());
  return fc.assert(
    fc.asyncProperty(fc.nat(SHARE * records.length - 1), async (first) => {
      for (const [index, kind] of kinds.entries()) {
        if ((first + index) % SHARE !== 0) continue;
        await property(kind, records[Math.floor((first + index) / SHARE) % records.length]!);
      }
    }),
    { numRuns: 1 },
  );
}

/**
 * Publishes a text, and where a value is suggested that, which must verify and keep each sender.
 *
 * @param meant the senders that passed before the record was mutated
 * @returns whether a value was suggested
 */
async function holds(mutated: string, meant: readonly string[]): Promise<boolean> {
  publish(DOMAIN, mutated);
  const before = passing(await spfResults());
  const { status, value = '', code } = await check('spf');
  // Text that was meant as SPF is never called absent.
  expect(code === 'missing' ? mutated : undefined).toBeUndefined();
  if (status === 'ok' || value === '' || value === mutated) return false;
  publish(DOMAIN, value);
  expect([mutated, value, (await check('spf')).status]).toEqual([
    mutated,
    value,
    expect.stringMatching(/^(?:ok|warning)$/),
  ]);
  const after = passing(await spfResults());
  expect([mutated, value, after]).toEqual([
    mutated,
    value,
    expect.arrayContaining([...before, ...meant]),
  ]);
  return true;
}

test('there are at least 200 kinds of mutation', () => {
  expect(Math.min(spfMutations.length, dmarcMutations.length) / SHARE).toBeGreaterThan(200);
  expect(new Set(spfMutations.map(({ what }) => what)).size).toBe(spfMutations.length);
  expect(new Set(dmarcMutations.map(({ what }) => what)).size).toBe(dmarcMutations.length);
});

describe('a suggested SPF record', () => {
  test(
    'verifies and keeps each sender of the record that was meant',
    { timeout: 600_000 },
    async () => {
      let suggested = 0;
      let judged = 0;
      await eachKind(spfMutations, realSpfRecords, async ({ apply }, real) => {
        const text = real.replaceAll('OURS', ours);
        publish(DOMAIN, text);
        const meant = passing(await spfResults());
        const mutated = apply(real).replaceAll('OURS', ours);
        judged += 1;
        if (await holds(mutated, meant)) suggested += 1;
      });
      expect(suggested / judged).toBeGreaterThan(0.6);
    },
  );

  test('keeps each sender that passes by a damaged record', { timeout: 600_000 }, async () => {
    let suggested = 0;
    await eachKind(spfDamage, realSpfRecords, async ({ apply }, real) => {
      const mutated = apply(real.replaceAll('OURS', ours));
      if (/^v=spf1( |$)/i.test(mutated) && (await holds(mutated, []))) suggested += 1;
    });
    expect(suggested).toBeGreaterThan(5);
  });
});

describe('a corrected DMARC record', () => {
  test(
    'is read, keeps each address, and is stricter for no receiver',
    { timeout: 600_000 },
    async () => {
      let suggested = 0;
      let judged = 0;
      await eachKind(dmarcMutations, realDmarcRecords, async ({ apply, what }, real) => {
        const mutated = apply(real);
        publish(`_dmarc.${DOMAIN}`, mutated);
        const { status, corrected, code } = await check('dmarc');
        expect(code === 'missing' ? mutated : undefined).toBeUndefined();
        if (status === 'ok-external') return;
        judged += 1;
        if (corrected === undefined) return;
        suggested += 1;
        publish(`_dmarc.${DOMAIN}`, corrected);
        expect([mutated, corrected, (await check('dmarc')).status]).toEqual([
          mutated,
          corrected,
          'ok-external',
        ]);
        const meant = parseDmarc(real)!;
        expect([what, parseDmarc(corrected)?.rua]).toEqual([what, meant.rua]);
        const [before, after] = [strictness(mutated), strictness(corrected)];
        expect([mutated, corrected, after.filter((one, index) => one > before[index]!)]).toEqual([
          mutated,
          corrected,
          [],
        ]);
      });
      expect(suggested / judged).toBeGreaterThan(0.6);
    },
  );
});
