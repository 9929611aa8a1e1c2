import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { FlatteningItem } from '#shared/app/ports/flattening-store.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import {
  refreshDue,
  type FlattenerPorts,
  type RefreshOutcome,
} from '../../../../lambdas/flattener/refresh.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { MemoryFlatteningStore } from '../../../fakes/flattening-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { FakeDns } from '../../../fakes/resolver.ts';

const include = 'include:_spf.other.test';
const limits = { pendingPerTenant: 50, claimsPerShard: 100 };

/** A claim with a flattened include, and the flattener's ports with a clock that the test moves. */
async function givenFlattened(changes: Partial<Claim> = {}) {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  const clock = { now: () => new Date(now) };
  const [claims, flattenings, dns] = [
    new MemoryClaimStore(),
    new MemoryFlatteningStore(),
    new FakeDns(),
  ];
  const claim = givenClaim({
    spf: { mechanisms: [include], flattened: [{ include }] },
    ...changes,
  });
  await claims.create(claim, limits);
  const ports: FlattenerPorts = { claims, flattenings, resolver: dns, deployment, clock };
  const begin = () => flattenings.begin({ ...claim, include, now: clock.now().toISOString() });
  await begin();
  return {
    claims,
    flattenings,
    dns,
    claim,
    begin,
    /** The answer for the third party's record; no addresses: no server answers. */
    publishes(...networks: string[]) {
      dns.silence('other.test', networks.length === 0);
      const value = `v=spf1 ${networks.map((network) => `ip4:${network}`).join(' ')} -all`;
      dns.zone('other.test', [{ name: '_spf.other.test', type: 'TXT', value }]);
    },
    /** Lets time pass, a run each minute. @returns the outcomes of the checks */
    async pass(minutes: number): Promise<RefreshOutcome[]> {
      const outcomes: RefreshOutcome[] = [];
      for (let minute = 0; minute < minutes; minute += 1) {
        await refreshDue(ports, (_, outcome) => outcomes.push(outcome));
        now += 60_000;
      }
      return outcomes;
    },
    ports,
    item: async (): Promise<FlatteningItem | undefined> => (await flattenings.of(claim.label))[0],
    async record() {
      const present = (await claims.get(claim))!;
      const name = hostedSpfName(present);
      return hostedRecords(present, deployment).find((one) => one.name === name)!.values[0];
    },
  };
}

test('an include becomes its addresses after two queries, and follows its changes after two more', async () => {
  const service = await givenFlattened();
  service.publishes('192.0.2.0/24');
  expect(await service.pass(5)).toEqual(['seen']);
  expect(await service.record()).toBe(`v=spf1 include:amazonses.com ${include} ~all`);
  expect(await service.pass(1)).toEqual(['published']);
  expect(await service.record()).toBe('v=spf1 ip4:192.0.2.0/24 include:amazonses.com ~all');

  service.publishes('192.0.2.0/24', '203.0.113.0/24');
  expect(await service.pass(70)).toEqual(['seen', 'published']);
  expect(await service.record()).toBe(
    'v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.0/24 include:amazonses.com ~all',
  );
  expect(await service.claims.get(service.claim)).toMatchObject({ version: 3 });
});

test('a change that does not last is never published', async () => {
  const service = await givenFlattened();
  service.publishes('192.0.2.0/24');
  await service.pass(6);
  service.publishes('203.0.113.0/24');
  expect(await service.pass(61)).toEqual(['seen']);
  service.publishes('192.0.2.0/24');
  expect(await service.pass(60)).toEqual(['unchanged']);
  expect(await service.claims.get(service.claim)).toMatchObject({ version: 2 });
});

test('while no server answers, the last good addresses stay', async () => {
  const service = await givenFlattened();
  service.publishes('192.0.2.0/24');
  await service.pass(6);
  service.publishes();
  const outcomes = await service.pass(3 * 24 * 60);
  expect(new Set(outcomes)).toEqual(new Set(['failed']));
  expect(await service.item()).toMatchObject({
    failure: {
      detail: 'DNS does not answer for _spf.other.test',
      since: '2026-11-20T11:05:00.000Z',
    },
  });
  expect(await service.record()).toContain('ip4:192.0.2.0/24');
});

test('a shrink of more than half is held, and let through again as it grows', async () => {
  const service = await givenFlattened();
  service.publishes('192.0.2.0/24');
  await service.pass(6);
  service.publishes('192.0.2.0/27');
  expect(new Set(await service.pass(300))).toEqual(new Set(['seen', 'held']));
  expect(await service.record()).toContain('ip4:192.0.2.0/24');
  service.publishes('192.0.2.0/24');
  expect(await service.pass(61)).toEqual(['unchanged']);
  expect((await service.item())!.held).toBeUndefined();
});

test('what does not fit into the records is held with the reason', async () => {
  const service = await givenFlattened();
  service.publishes(...Array.from({ length: 100 }, (_, index) => `192.0.2.${index * 2}`));
  expect((await service.pass(6)).at(-1)).toBe('held');
  expect((await service.item())!.held!.detail).toContain('do not fit');
  expect(await service.record()).toContain(include);
});

test('a chain that grows under flattening stays', async () => {
  const service = await givenFlattened();
  service.publishes(...Array.from({ length: 40 }, (_, index) => `198.51.100.${index * 2}`));
  await service.pass(6);
  expect((await service.claims.get(service.claim))!.spf.records).toBe(3);
});

describe('an include that no claim wants flattened any more', () => {
  test.each([
    ['as the claim says', { spf: { mechanisms: [include] } }],
    ['as the claim is being deleted', { lifecycle: 'deleting' }],
  ] as [string, Partial<Claim>][])(
    '%s is forgotten, once its claim had time to come',
    async (_, changes) => {
      const service = await givenFlattened(changes);
      service.publishes('192.0.2.0/24');
      expect(await service.pass(10)).toEqual(Array(10).fill('unchanged'));
      expect(await service.pass(1)).toEqual(['forgotten']);
      expect(await service.item()).toBeUndefined();
    },
  );

  test('of a claim that another took the place of is forgotten too', async () => {
    const service = await givenFlattened();
    const { label: _, ...rest } = (await service.item())!;
    const other = givenClaim().label;
    await service.flattenings.begin({ ...rest, label: other, now: '2026-11-20T09:00:00.000Z' });
    service.publishes('192.0.2.0/24');
    expect(await service.pass(1)).toEqual(['forgotten', 'seen']);
    expect(await service.flattenings.of(other)).toEqual([]);
  });
});

describe('a run', () => {
  test('goes on after a check that fails, and says so at its end', async () => {
    const service = await givenFlattened();
    const broken = givenClaim();
    await service.flattenings.begin({ ...broken, include, now: '2026-11-20T09:00:00.000Z' });
    const get = service.claims.get.bind(service.claims);
    service.claims.get = async (key) => {
      if (key.tenant === broken.tenant) throw new Error('the table is gone');
      return get(key);
    };
    service.publishes('192.0.2.0/24');
    const outcomes: RefreshOutcome[] = [];
    await expect(refreshDue(service.ports, (_, outcome) => outcomes.push(outcome))).rejects.toThrow(
      '1 of 2 looks failed',
    );
    expect(outcomes).toEqual(['seen']);
  });

  test('leaves what another writer was at to the next run', async () => {
    const service = await givenFlattened();
    service.publishes('192.0.2.0/24');
    await service.pass(5);
    const update = service.claims.update.bind(service.claims);
    service.claims.update = async (before, next) => {
      service.claims.update = update;
      await update(before, { ...before, version: before.version + 1 });
      await update(before, next);
    };
    expect(await service.pass(2)).toEqual(['published']);
    expect(await service.claims.get(service.claim)).toMatchObject({ version: 3 });
  });
});
