import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoReputationStore } from '#shared/adapters/aws/reputation-store.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { newReputation } from '#shared/core/model/reputation.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryReputationStore } from '../fakes/reputation-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const adapters = {
  'in memory': () => new MemoryReputationStore(),
  'on DynamoDB': () =>
    dynamoReputationStore(dynamo.client, dynamo.tables.reputations, dynamo.trail),
};
const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}T10:00:00.000Z`;
const domain = 'example.com' as DomainName;
const one = { outcomes: 10, bounced: 2, complained: 1 };

describe.each(Object.entries(adapters))('ReputationStore %s', (_name, adapter) => {
  test('sums the days of the window; the ones before it are forgotten', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant() };
    expect(await store.count(subject, one, day(1))).toEqual({
      counts: one,
      standing: 'good',
      passed: { outcomes: 10, passedOn: 0 },
    });
    await store.count(subject, one, day(7));
    expect((await store.among([subject], day(7)))[0]!.counts).toEqual({
      outcomes: 20,
      bounced: 4,
      complained: 2,
    });
    expect((await store.count(subject, one, day(8))).counts.outcomes).toBe(20);
    expect((await store.among([subject], day(14)))[0]!.counts.outcomes).toBe(10);
    expect((await store.among([subject], day(15)))[0]!.counts).toEqual(newReputation.counts);
  });

  test('keeps the counts of 30 days', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant(), domain };
    await store.count(subject, one, day(1));
    await store.count(subject, { outcomes: 1, bounced: 0, complained: 0 }, day(30));
    const days = await store.days(subject, day(30), 30);
    expect(days).toHaveLength(30);
    expect([days[0], days[1], days[29]]).toEqual([
      one,
      newReputation.counts,
      { outcomes: 1, bounced: 0, complained: 0 },
    ]);
    expect(await store.days(subject, day(30), 1)).toEqual([days[29]]);
  });

  test('has outcomes passed on once', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant(), domain };
    await store.count(subject, one, day(1));
    const { passed } = await store.count(subject, one, day(2));
    expect(passed).toEqual({ outcomes: 20, passedOn: 0 });
    expect(await store.passOn(subject, passed)).toBe(true);
    expect(await store.passOn(subject, passed)).toBe(false);
    const { passed: later } = await store.count(subject, one, day(2));
    expect(later).toEqual({ outcomes: 30, passedOn: 20 });
    expect(await store.passOn(subject, later)).toBe(true);
    expect((await store.among([subject], day(2)))[0]!.counts.outcomes).toBe(30);
  });

  test('counts made at once are all there', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant(), domain };
    await Promise.all(Array.from({ length: 20 }, () => store.count(subject, one, day(1))));
    expect((await store.among([subject], day(1)))[0]!.counts.outcomes).toBe(200);
  });

  test('a tenant and each of its domains have their own', async () => {
    const store = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    await store.count({ tenant }, one, day(1));
    await store.count({ tenant, domain }, one, day(1));
    await store.move({ tenant, domain }, 'good', 'paused', day(1));
    expect(
      await store.among(
        [{ tenant, domain }, { tenant }, { tenant: other, domain }, { tenant: other }],
        day(1),
      ),
    ).toEqual([
      { counts: one, standing: 'paused', since: day(1) },
      { counts: one, standing: 'good' },
      newReputation,
      newReputation,
    ]);
  });

  test('of two moves from one standing the first holds', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant() };
    expect(await store.move(subject, 'slowed', 'paused', day(1))).toBe(false);
    expect(await store.move(subject, 'good', 'slowed', day(1))).toBe(true);
    expect(await store.move(subject, 'good', 'paused', day(2))).toBe(false);
    expect(await store.move(subject, 'slowed', 'paused', day(3))).toBe(true);
    expect((await store.among([subject], day(3)))[0]).toMatchObject({
      standing: 'paused',
      since: day(3),
    });
  });

  test('starts again by the operator’s word', async () => {
    const store = adapter();
    const subject = { tenant: givenTenant() };
    await store.count(subject, one, day(1));
    await store.move(subject, 'good', 'paused', day(1));
    await store.reset(subject, true, day(2));
    expect(await store.among([subject], day(2))).toEqual([
      { ...newReputation, since: day(2), exempt: true },
    ]);
    expect((await store.count(subject, one, day(2))).counts).toEqual(one);
  });

  test('reads a tenant as a whole and each of its domains, and nothing of others', async () => {
    const store = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    expect(await store.ofTenant(tenant, day(1))).toEqual({
      whole: newReputation,
      domains: new Map(),
    });
    await store.count({ tenant }, one, day(1));
    await store.count({ tenant, domain }, one, day(1));
    await store.count({ tenant: other, domain }, one, day(1));
    expect(await store.ofTenant(tenant, day(2))).toEqual({
      whole: { counts: one, standing: 'good' },
      domains: new Map([[domain, { counts: one, standing: 'good' }]]),
    });
  });
});
