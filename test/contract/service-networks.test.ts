import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoFlatteningStore } from '#shared/adapters/aws/flattening-store.ts';
import { dynamoServiceNetworks } from '#shared/adapters/aws/service-networks.ts';
import type { ServiceNetworksStore } from '#shared/app/ports/service-networks.ts';
import { MemoryServiceNetworks } from '../fakes/service-networks.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<
  string,
  () => Promise<{ store: ServiceNetworksStore; close: () => Promise<void> }>
> = {
  'in memory': async () => ({ store: new MemoryServiceNetworks(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: dynamoServiceNetworks(dynamo.client, dynamo.tables.flattenings),
      close: () => dynamo.close(),
    };
  },
};

const seen = (include: string, day: number, ...networks: string[]) => ({
  include,
  networks,
  seenAt: new Date(Date.UTC(2026, 10, day)).toISOString(),
});

describe.each(Object.entries(adapters))('ServiceNetworksStore %s', (_name, start) => {
  let store: ServiceNetworksStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  test('has what was seen last of each include, however late an earlier one is written', async () => {
    expect(await store.all()).toEqual([]);
    const [one, other] = [seen('b.test', 3, 'ip4:192.0.2.0/24'), seen('a.test', 2)];
    for (const networks of [one, other, seen('b.test', 2, 'ip4:198.51.100.1'), one]) {
      await store.put(networks);
    }
    expect(await store.all()).toEqual([other, one]);
    const later = seen('b.test', 4, 'ip4:203.0.113.0/24');
    await store.put(later);
    expect(await store.all()).toEqual([other, later]);
  });
});

test('networks of services are never due as flattened includes', async () => {
  const dynamo = await startDynamo();
  const table = dynamo.tables.flattenings;
  await dynamoServiceNetworks(dynamo.client, table).put(seen('a.test', 1));
  const due = await dynamoFlatteningStore(dynamo.client, table).due('2027-01-01T00:00:00Z', 10);
  expect(due).toEqual([]);
  await dynamo.close();
});
