import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoKeyUses } from '#shared/adapters/aws/key-uses.ts';
import type { KeyUses } from '#shared/app/ports/key-uses.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryKeyUses } from '../fakes/key-uses.ts';
import { startDynamo } from '../support/dynamo.ts';

function contract(make: () => KeyUses) {
  test('the latest use of each key of a tenant is known, whatever comes late', async () => {
    const uses = make();
    const tenant = givenTenant();
    const use = { key: 'a', tenant, at: '2026-12-01T11:00:00.000Z', address: '192.0.2.1' };
    await uses.note({ ...use, at: '2026-12-01T10:00:00.000Z', address: '192.0.2.9' });
    await uses.note(use);
    await uses.note({ ...use, address: '192.0.2.2' });
    await uses.note({ ...use, at: '2026-12-01T10:00:00.000Z' });
    const other = { ...use, key: 'b', address: '2001:db8::1' };
    await uses.note(other);
    await uses.note({ ...use, key: 'c', tenant: givenTenant() });
    const found = await uses.of(tenant);
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([use, other]));
  });
}

describe('KeyUses in memory', () => {
  contract(() => new MemoryKeyUses());
});

describe('KeyUses on DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoKeyUses(dynamo.client, dynamo.tables.users));
});
