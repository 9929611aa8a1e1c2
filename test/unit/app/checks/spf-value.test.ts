import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainDocument } from '#shared/api/domain-document.ts';
import type { RecordDocument } from '#shared/api/routes/record-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';
import { changesNow } from '../../../../lambdas/domains/remaining-changes.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { copied, DOMAIN, viewOf, TestEnvironment, without } from './test-environment.ts';

const txt = (value: string) => ({ name: DOMAIN as string, type: 'TXT' as const, value });

/** A claim of a domain with these texts, and the record for its customer to publish. */
async function given(...texts: string[]) {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim();
  await testEnvironment.identities.putView(viewOf(claim));
  for (const name of ['a.test', 'b.test', 'c.test']) {
    testEnvironment.dns.zone(name, [{ name, type: 'TXT', value: 'v=spf1 ip4:192.0.2.9 -all' }]);
  }
  const publish = (...values: string[]) =>
    testEnvironment.dns.zone(DOMAIN, [...without(copied(claim), DOMAIN), ...values.map(txt)]);
  publish(...texts);
  return { testEnvironment, claim, publish, advised: () => advised(testEnvironment, claim) };
}

/** The record as the API has it, after a check. */
async function advised(testEnvironment: TestEnvironment, claim: Claim): Promise<RecordDocument> {
  return (await documentAfterCheck(testEnvironment, claim)).records.find(({ id }) => id === 'spf')!;
}

async function documentAfterCheck(testEnvironment: TestEnvironment, claim: Claim) {
  const { result } = await testEnvironment.check(claim);
  const identity = viewOf(claim);
  const around = { identity, ...(result && { result }) };
  return domainDocument(claim, around, deployment, new Date(testEnvironment.now));
}

const includeOf = (claim: Claim) => `include:${hostedSpfName(claim)}`;

describe('the SPF record that a customer is to publish', () => {
  test('is ours alone where the domain has none', async () => {
    const { claim, advised } = await given('site-verification=1');
    expect(await advised()).toMatchObject({
      status: 'missing',
      value: `v=spf1 ${includeOf(claim)} ~all`,
    });
  });

  test('is theirs with our include in it, and their "all"; once it is there it is right, and stays', async () => {
    const { claim, publish, advised } = await given('v=spf1 mx include:a.test -all', 'other=1');
    const first = await advised();
    expect(first).toMatchObject({
      status: 'wrong',
      code: 'spf-no-include',
      value: `v=spf1 mx include:a.test ${includeOf(claim)} -all`,
    });
    publish(first.value, 'other=1');
    for (let queried = 0; queried < 2; queried += 1) {
      expect(await advised()).toMatchObject({ status: 'ok', value: first.value, hint: null });
    }
  });

  test('stays as the customer wrote it where it has our include', async () => {
    const { claim, publish, advised } = await given();
    const theirs = `v=spf1 +${includeOf(claim).toUpperCase().replace('INCLUDE', 'include')}  A -ALL`;
    publish(theirs);
    expect(await advised()).toMatchObject({ status: 'ok', value: theirs });
  });

  test('is one in place of several', async () => {
    const { claim, advised } = await given(
      'v=spf1 include:a.test -all',
      'v=spf1 include:b.test ~all',
    );
    expect(await advised()).toMatchObject({
      code: 'spf-several',
      value: `v=spf1 include:a.test include:b.test ${includeOf(claim)} ~all`,
    });
  });

  test('has no quotes around it, and no domain appended to our include', async () => {
    const quoted = await given('"v=spf1 include:a.test -all"');
    expect(await quoted.advised()).toMatchObject({
      code: 'form-residue',
      value: `v=spf1 include:a.test ${includeOf(quoted.claim)} -all`,
    });
    const { claim, publish, advised } = await given();
    publish(`v=spf1 a ${includeOf(claim)}.${DOMAIN} -all`);
    expect(await advised()).toMatchObject({
      code: 'appended-domain-in-value',
      value: `v=spf1 a ${includeOf(claim)} -all`,
    });
  });

  test('is refused with the count where receivers could not follow it', async () => {
    const nine = Array.from({ length: 9 }, (_, n) => `exists:${n}.test`);
    const { advised } = await given(`v=spf1 ${nine.join(' ')} -all`);
    const { value, status, hint, spf } = await advised();
    expect({ value, status, lookups: spf?.lookups }).toEqual({
      value: '',
      status: 'wrong',
      lookups: 11,
    });
    expect(hint).toContain('it takes 11 DNS lookups, of 10');
  });

  test('is not made up where theirs cannot be read', async () => {
    const { advised } = await given('v=spf1 senders:a.test -all');
    expect(await advised()).toMatchObject({ value: '', code: 'spf-invalid' });
  });

  test('is what the last check saw while DNS is silent', async () => {
    const { testEnvironment, advised } = await given('v=spf1 include:a.test -all');
    const { value } = await advised();
    testEnvironment.dns.silence(DOMAIN);
    expect(await advised()).toMatchObject({ status: 'unknown', value });
    testEnvironment.dns.silence(DOMAIN, false);
    expect(await advised()).toMatchObject({ status: 'wrong', value });
  });

  test('keeps to the server that has it right while another is behind', async () => {
    const { testEnvironment, claim, advised } = await given();
    const [right, old] = [`v=spf1 a mx ${includeOf(claim)} -all`, 'v=spf1 a -all'];
    const rest = without(copied(claim), DOMAIN);
    testEnvironment.dns.zone(DOMAIN, [...rest, txt(old)], [...rest, txt(right)]);
    expect(await advised()).toMatchObject({ status: 'wrong', value: right });
  });

  test('for any value: once it is published as given, it is right and stays as it is', async () => {
    const odd = fc.constantFrom('OURS', '-OURS', '?OURS', 'OURS.example.com', '+OURS');
    const term = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('a', 'mx', 'ip4:192.0.2.1', 'include:a.test') },
      { weight: 2, arbitrary: fc.constantFrom('~include:b.test', '-ip6:2001:db8::/32', 'A') },
      { weight: 2, arbitrary: odd },
      { weight: 1, arbitrary: fc.constantFrom('all', '-all', '~all', '?all') },
      { weight: 1, arbitrary: fc.constantFrom('redirect=c.test', 'exp=x.test') },
    );
    const record = fc.array(term, { maxLength: 6 });
    let published = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (records, quoted) => {
          const { claim, publish, advised } = await given();
          const texts = records.map((terms) => {
            const text = ['v=spf1', ...terms].join(' ').replaceAll('OURS', includeOf(claim));
            return quoted ? `"${text}"` : text;
          });
          publish(...new Set(texts));
          const { value, hint } = await advised();
          if (value === '') {
            expect(hint).not.toBeNull();
            return;
          }
          published += 1;
          publish(value);
          const after = await advised();
          expect(after.value === value || after.value === '').toBe(true);
          // Faults of included records stay faults, and are reported as such.
          if (after.status !== 'ok') expect(after.code).toMatch(/^spf-(too-many|broken|open)/);
        },
      ),
      { numRuns: 150 },
    );
    expect(published).toBeGreaterThan(60);
  });
});

describe('the exports', () => {
  test('have the joined record, and say what it takes the place of', async () => {
    const { testEnvironment, claim } = await given('v=spf1 include:a.test -all');
    const { records } = await documentAfterCheck(testEnvironment, claim);
    const changes = await changesNow(records, testEnvironment.dns);
    const joined = `v=spf1 include:a.test ${includeOf(claim)} -all`;
    const note = 'To take the place of: v=spf1 include:a.test -all';
    // Adding the file would put it beside the one that is there.
    for (const zoneFile of [bind, cloudflare]) {
      expect(zoneFile(claim.domain, changes)).toContain(
        `; ${note}\n; ${DOMAIN}. IN TXT "${joined}"\n`,
      );
    }
    const code = terraform(claim.domain, changes);
    expect(code).toContain(`# spf: ${note}`);
    expect(code).toContain(`values    = ["${joined}"]\n      overwrite = true`);
    const { Comment, Changes } = route53ChangeBatch(claim.domain, changes);
    expect(Comment).toBe(`DNS records for ${DOMAIN}`);
    expect(Changes.find(({ ResourceRecordSet: set }) => set.Name === `${DOMAIN}.`)).toEqual({
      Action: 'UPSERT',
      ResourceRecordSet: {
        Name: `${DOMAIN}.`,
        Type: 'TXT',
        TTL: 60,
        ResourceRecords: [{ Value: `"${joined}"` }],
      },
    });
  });

  test('have no record where SPF is to be repaired by hand, and say why', async () => {
    const { testEnvironment, claim } = await given('v=spf1 senders:a.test -all');
    const { records } = await documentAfterCheck(testEnvironment, claim);
    const changes = await changesNow(records, testEnvironment.dns);
    for (const text of [bind(claim.domain, changes), terraform(claim.domain, changes)]) {
      expect(text).toMatch(/TXT is left to you\. Receivers count nothing of the SPF record/);
    }
  });
});
