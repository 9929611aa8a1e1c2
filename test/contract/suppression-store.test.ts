import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoSuppressionStore } from '#shared/adapters/aws/suppression-store.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Suppression } from '#shared/core/model/suppression.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemorySuppressionStore } from '../fakes/suppression-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const adapters = {
  'in memory': () => new MemorySuppressionStore(),
  'on DynamoDB': () =>
    dynamoSuppressionStore(dynamo.client, dynamo.tables.suppressions, dynamo.trail),
};
const addedAt = '2026-11-20T10:00:00.000Z';

const bounced = (tenant: TenantId, address: string, more: Partial<Suppression> = {}) =>
  ({ tenant, address, reason: 'bounce', addedAt, ...more }) satisfies Suppression;

describe.each(Object.entries(adapters))('SuppressionStore %s', (_name, adapter) => {
  test('an address is on the list of its tenant alone, whatever its case', async () => {
    const store = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    await store.add(bounced(tenant, 'ann@example.com', { detail: '550 5.1.1' }));
    expect(await store.among(tenant, ['Ann@Example.com', 'bob@example.com'])).toEqual(
      new Set(['Ann@Example.com']),
    );
    expect(await store.among(other, ['ann@example.com'])).toEqual(new Set());
    expect(await store.get(tenant, 'ANN@example.com')).toEqual(
      bounced(tenant, 'ann@example.com', { detail: '550 5.1.1' }),
    );
    expect(await store.get(other, 'ann@example.com')).toBeUndefined();
  });

  test('what is on the list keeps its reason and time', async () => {
    const store = adapter();
    const tenant = givenTenant();
    const first = bounced(tenant, 'ann@example.com', { reason: 'complaint' });
    await store.add(first);
    await store.add(bounced(tenant, 'ann@example.com', { addedAt: '2026-11-21T10:00:00.000Z' }));
    const added = await store.addAll(tenant, [
      bounced(tenant, 'ann@example.com'),
      bounced(tenant, 'bob@example.com'),
    ]);
    expect(added).toBe(1);
    expect(await store.get(tenant, 'ann@example.com')).toEqual(first);
  });

  test('an address that was taken off is not on the list; again it is unknown', async () => {
    const store = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    await store.add(bounced(tenant, 'ann@example.com'));
    expect(await store.remove(other, 'ann@example.com')).toBeUndefined();
    expect(await store.remove(tenant, 'Ann@example.com')).toEqual(
      bounced(tenant, 'ann@example.com'),
    );
    expect(await store.remove(tenant, 'ann@example.com')).toBeUndefined();
    expect(await store.among(tenant, ['ann@example.com'])).toEqual(new Set());
  });

  test('thousands are added at once, found, and listed page by page, each once', async () => {
    const store = adapter();
    const tenant = givenTenant();
    const addresses = Array.from({ length: 2_620 }, (_, index) => `user${index}@example.com`);
    const all = addresses.map((address) => bounced(tenant, address, { reason: 'manual' }));
    expect(await store.addAll(tenant, all)).toBe(2_620);
    expect(await store.addAll(tenant, all)).toBe(0);
    expect(await store.among(tenant, ['x@example.com', ...addresses])).toEqual(new Set(addresses));
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list(tenant, { limit: 1_000, cursor });
      listed.push(...page.suppressions.map(({ address }) => address));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    expect(listed.toSorted()).toEqual(addresses.toSorted());
  });

  test('the cursor of another list is refused', async () => {
    const store = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    await store.addAll(
      tenant,
      ['a@x.example', 'b@x.example'].map((address) => bounced(tenant, address)),
    );
    const { cursor } = await store.list(tenant, { limit: 1 });
    await expect(store.list(other, { limit: 1, cursor: cursor! })).rejects.toMatchObject({
      code: 'invalid-cursor',
    });
  });
});
