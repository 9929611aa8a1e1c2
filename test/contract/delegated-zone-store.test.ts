import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoDelegatedZones } from '#shared/adapters/aws/delegated-zone-store.ts';
import type { DelegatedZoneStore } from '#shared/app/ports/delegated-zones.ts';
import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { MemoryDelegatedZones } from '../fakes/delegated-zone-store.ts';
import { givenClaim } from '../fakes/given-claim.ts';
import { startDynamo } from '../support/dynamo.ts';

interface Started {
  readonly zones: DelegatedZoneStore;
  readonly close: () => Promise<void>;
}

const adapters: Record<string, () => Promise<Started>> = {
  'in memory': async () => ({ zones: new MemoryDelegatedZones(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      zones: dynamoDelegatedZones(dynamo.client, dynamo.tables.delegatedZones),
      close: () => dynamo.close(),
    };
  },
};

describe.each(Object.entries(adapters))('DelegatedZoneStore %s', (_name, start) => {
  let zones: DelegatedZoneStore;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ zones, close } = await start());
  });
  afterEach(() => close());

  const { tenant, label } = givenClaim();
  const first: DelegatedZone = {
    domain: 'mail.customer.example' as DomainName,
    tenant,
    label,
    state: 'making',
    since: '2026-11-30T12:00:00.000Z',
    callerReference: `${label}-1`,
    set: 'N1',
    version: 1,
  };
  const second: DelegatedZone = { ...first, zoneId: 'Z1', state: 'serving', version: 2 };

  test('gives a zone as it was written last, and lists all', async () => {
    const other = { ...first, domain: 'news.customer.example' as DomainName };
    await zones.put(first);
    await zones.put(second);
    await zones.put(other);
    expect(await zones.get(first.domain)).toEqual(second);
    const all = await zones.list();
    expect(all.toSorted((a, b) => (a.domain < b.domain ? -1 : 1))).toEqual([second, other]);
  });

  test('of two who write the same version, one has to read again', async () => {
    await zones.put(first);
    await expect(zones.put(first)).rejects.toThrow(Conflict);
    await zones.put(second);
    await expect(zones.put({ ...second, state: 'withdrawn' })).rejects.toThrow(Conflict);
    await expect(zones.delete(first)).rejects.toThrow(Conflict);
    expect(await zones.get(first.domain)).toEqual(second);
  });

  test('a zone that is deleted is gone, and can be made again', async () => {
    await zones.put(first);
    await zones.delete(first);
    expect([await zones.get(first.domain), await zones.list()]).toEqual([undefined, []]);
    await zones.put(first);
    expect(await zones.get(first.domain)).toEqual(first);
  });
});
