import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoBudgetStore } from '#shared/adapters/aws/budget-store.ts';
import { dynamoOwnLimits } from '#shared/adapters/aws/own-limits.ts';
import type { BudgetStore } from '#shared/app/ports/budgets.ts';
import { windowsAt, type BudgetGroup, type Limits } from '#shared/core/model/budgets.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { MemoryBudgetStore } from '../fakes/budget-store.ts';
import { defaultLimits } from '../fakes/given-budgets.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

interface Started {
  readonly store: BudgetStore;
  readonly dynamo?: Dynamo;
  close(): Promise<void>;
}

const adapters: Record<string, () => Promise<Started>> = {
  'in memory': async () => ({ store: new MemoryBudgetStore(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: {
        ...dynamoBudgetStore(dynamo.client, dynamo.tables.budgets),
        ...dynamoOwnLimits(dynamo.client, dynamo.tables.budgets, dynamo.trail),
      },
      dynamo,
      close: () => dynamo.close(),
    };
  },
};

const noon = new Date('2026-11-20T12:00:30.000Z');
const spending = (
  amount: number,
  limits: Partial<Limits> = {},
  { group = 'recipients', now = noon }: { group?: BudgetGroup; now?: Date } = {},
) => ({
  subject: tenant,
  group,
  windows: windowsAt(group, { ...defaultLimits, ...limits }, now),
  amount,
});
let tenant = givenTenant();

describe.each(Object.entries(adapters))('BudgetStore %s', (_name, start) => {
  let started: Started;
  let store: BudgetStore;
  beforeEach(async () => {
    tenant = givenTenant();
    started = await start();
    store = started.store;
  });
  afterEach(() => started.close());

  test('an amount is taken from every window, or from none', async () => {
    const limits = { 'recipients-minute': 100, 'recipients-day': 150 };
    expect(await store.take(spending(90, limits))).toEqual({ isTaken: true, used: [90, 90] });
    expect(await store.take(spending(20, limits))).toEqual({ isTaken: false, used: [90, 90] });
    expect(await store.take(spending(10, limits))).toEqual({ isTaken: true, used: [100, 100] });
    const later = { now: new Date(noon.getTime() + 60_000) };
    expect(await store.take(spending(60, limits, later))).toEqual({
      isTaken: false,
      used: [0, 100],
    });
    expect(await store.take(spending(50, limits, later))).toEqual({
      isTaken: true,
      used: [50, 150],
    });
    expect(await store.used([spending(0), spending(0, {}, later)])).toEqual([
      [100, 150],
      [50, 150],
    ]);
  });

  test('an amount above the whole limit is never taken, not even first', async () => {
    const limits = { 'recipients-minute': 100 };
    expect(await store.take(spending(101, limits))).toEqual({ isTaken: false, used: [0, 0] });
    expect(await store.take(spending(1, { 'claims-hour': 0 }, { group: 'claims' }))).toMatchObject({
      isTaken: false,
    });
  });

  test('no race passes a limit', async () => {
    const limits = { 'claims-hour': 7 };
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => store.take(spending(1, limits, { group: 'claims' }))),
    );
    expect(taken.filter(({ isTaken }) => isTaken)).toHaveLength(7);
    expect(await store.used([spending(0, limits, { group: 'claims' })])).toEqual([[7]]);
  });

  test('subjects and groups are apart', async () => {
    await store.take(spending(5, {}, { group: 'claims' }));
    const other = { ...spending(1, {}, { group: 'claims' }), subject: givenTenant() };
    expect(await store.take(other)).toEqual({ isTaken: true, used: [1] });
    const link = { ...spending(1, {}, { group: 'shared-calls' }), subject: 'link#abc' as const };
    expect(await store.take(link)).toEqual({ isTaken: true, used: [1] });
  });

  test('what was not needed is given back, and what was more is added past the limit', async () => {
    const taken = spending(10, {}, { group: 'webhook-seconds' });
    await store.take(taken);
    await store.adjust({ ...taken, amount: -9.9 });
    expect(await store.used([taken])).toEqual([[expect.closeTo(0.1)]]);
    await store.adjust({ ...taken, amount: 1_000 });
    expect(await store.take(taken)).toMatchObject({ isTaken: false });
  });

  test('own limits are set and taken back one by one', async () => {
    expect(await store.ownLimits(tenant)).toEqual({});
    await store.setOwnLimits(tenant, { 'claims-hour': 5, checks: 1 });
    await store.setOwnLimits(tenant, { 'claims-hour': undefined, 'recipients-day': 0 });
    expect(await store.ownLimits(tenant)).toEqual({ checks: 1, 'recipients-day': 0 });
    expect(await store.ownLimits(givenTenant())).toEqual({});
  });

  test('leases are replaced by who read them last, and ended by who holds them', async () => {
    const none = await store.leases(tenant, 'checks');
    expect(none).toEqual({ leases: {}, version: 0 });
    await store.putLeases(tenant, 'checks', none, { 'a.example': 1_000, 'b.example': 2_000 });
    await expect(store.putLeases(tenant, 'checks', none, {})).rejects.toThrow(Conflict);
    await store.endLease(tenant, 'checks', { of: 'a.example', until: 999 });
    await store.endLease(tenant, 'checks', { of: 'c.example', until: 999 });
    expect(await store.leases(tenant, 'checks')).toMatchObject({
      leases: { 'a.example': 1_000, 'b.example': 2_000 },
    });
    await store.endLease(tenant, 'checks', { of: 'a.example', until: 1_000 });
    const one = await store.leases(tenant, 'checks');
    expect(one.leases).toEqual({ 'b.example': 2_000 });
    await store.putLeases(tenant, 'checks', one, {});
    expect((await store.leases(tenant, 'waiting-records')).version).toBe(0);
  });

  test('an item forgets the minutes that are over, and expires', async () => {
    const { dynamo } = started;
    for (let minute = 0; minute < 30; minute += 1) {
      await store.take(spending(1, {}, { now: new Date(noon.getTime() + minute * 60_000) }));
    }
    const last = { now: new Date(noon.getTime() + 29 * 60_000) };
    expect(await store.used([spending(0, {}, last)])).toEqual([[1, 30]]);
    if (dynamo === undefined) return;
    const { Items: items } = await dynamo.client.send(
      new ScanCommand({ TableName: dynamo.tables.budgets }),
    );
    expect(items).toHaveLength(1);
    expect(Object.keys(items![0]!).filter((name) => name.includes('@'))).toHaveLength(3);
    expect(items![0]!['expiresAt']).toBe(Date.parse('2026-11-22T00:00:00.000Z') / 1_000);
  });

  test('items as this release first wrote them are read', async () => {
    const { dynamo } = started;
    if (dynamo === undefined) return;
    const put = (item: Record<string, unknown>) =>
      dynamo.client.send(new PutCommand({ TableName: dynamo.tables.budgets, Item: item }));
    const pk = `tenant#${tenant}`;
    await put({ pk, sk: 'limits', 'claims-hour': 500, 'of-a-later-release': 1 });
    await put({ pk, sk: 'used#claims#1795176000', '3600@1795176000': 3, expiresAt: 1795266000 });
    await put({
      pk,
      sk: 'leases#checks',
      leases: { 'a.example': 5 },
      version: 4,
      expiresAt: 86_401,
    });
    expect(await store.ownLimits(tenant)).toMatchObject({ 'claims-hour': 500 });
    expect(await store.used([spending(0, {}, { group: 'claims' })])).toEqual([[3]]);
    expect(await store.leases(tenant, 'checks')).toMatchObject({
      leases: { 'a.example': 5 },
      version: 4,
    });
  });
});
