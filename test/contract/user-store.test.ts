import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoInvitations, dynamoRemovedUsers } from '#shared/adapters/aws/user-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryInvitations, MemoryRemovedUsers } from '../fakes/user-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const adapters = {
  'in memory': () => ({ invitations: new MemoryInvitations(), removed: new MemoryRemovedUsers() }),
  'on DynamoDB': () => ({
    invitations: dynamoInvitations(dynamo.client, dynamo.tables.users),
    removed: dynamoRemovedUsers(dynamo.client, dynamo.tables.users),
  }),
};
const at = '2026-11-20T10:00:00.000Z';

describe.each(Object.entries(adapters))('Invitations and RemovedUsers %s', (_name, adapter) => {
  test('an invitation is its tenant’s alone, once for each address, until it is removed', async () => {
    const { invitations } = adapter();
    const [tenant, other] = [givenTenant(), givenTenant()];
    const one = { tenant, email: 'a@example.com', invitedAt: at };
    await invitations.put({ ...one, invitedAt: '2026-11-19T10:00:00.000Z' }, at);
    await invitations.put(one, at);
    await invitations.put({ ...one, email: 'b@example.com' }, at);
    expect(await invitations.of(tenant)).toEqual([one, { ...one, email: 'b@example.com' }]);
    expect(await invitations.of(other)).toEqual([]);
    await invitations.remove(other, 'a@example.com', at);
    await invitations.remove(tenant, 'b@example.com', at);
    expect(await invitations.of(tenant)).toEqual([one]);
  });

  test('of two invitations of one address within the interval the first holds, removed or not', async () => {
    const { invitations } = adapter();
    const one = { tenant: givenTenant(), email: 'a@example.com', invitedAt: at };
    const next = { ...one, invitedAt: '2026-11-20T10:10:00.000Z' };
    expect(await invitations.put(one, '2026-11-20T09:45:00.000Z')).toBeUndefined();
    expect(await invitations.put(next, '2026-11-20T09:55:00.000Z')).toBe(at);
    expect(await invitations.of(one.tenant)).toEqual([one]);
    await invitations.remove(one.tenant, one.email, '2026-11-20T10:01:00.000Z');
    expect(await invitations.put(next, '2026-11-20T09:55:00.000Z')).toBe(at);
    expect(await invitations.of(one.tenant)).toEqual([]);
    expect(await invitations.put(next, at)).toBeUndefined();
    expect(await invitations.of(one.tenant)).toEqual([next]);
  });

  test('of invitations with one revision of the list one is put', async () => {
    const { invitations } = adapter();
    const tenant = givenTenant();
    expect(await invitations.revision(tenant)).toBe(0);
    const put = (email: string, revision: number) =>
      invitations.put({ tenant, email, invitedAt: at }, '2026-11-20T09:45:00.000Z', revision);
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => put(`u${index}@example.com`, 0)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await invitations.of(tenant)).toHaveLength(1);
    expect(await invitations.revision(tenant)).toBe(1);
    await expect(put('late@example.com', 0)).rejects.toThrow(Conflict);
    expect(await put('next@example.com', 1)).toBeUndefined();
    expect(await put('next@example.com', 2)).toBe(at);
    expect(await invitations.revision(tenant)).toBe(2);
  });

  test('a user is removed from the moment that it is noted', async () => {
    const { removed } = adapter();
    const id = givenTenant();
    expect(await removed.has(id)).toBe(false);
    await removed.add(id, at);
    expect(await removed.has(id)).toBe(true);
  });
});

test('that a user was removed is kept for longer than a token lasts', async () => {
  await dynamoRemovedUsers(dynamo.client, dynamo.tables.users).add('ann', at);
  const { Item: item } = await dynamo.client.send(
    new GetCommand({ TableName: dynamo.tables.users, Key: { pk: 'user#ann', sk: 'removed' } }),
  );
  expect(item?.['expiresAt']).toBe(Date.parse(at) / 1000 + 24 * 3_600);
});

test('an invitation as earlier releases wrote it is listed, and counts for the interval', async () => {
  const invitations = dynamoInvitations(dynamo.client, dynamo.tables.users);
  const tenant = givenTenant();
  const email = 'old@example.com';
  const Item = { pk: `tenant#${tenant}`, sk: `invitation#${email}`, tenant, email, invitedAt: at };
  await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.users, Item }));
  const next = { tenant, email, invitedAt: '2026-11-20T10:10:00.000Z' };
  expect(await invitations.of(tenant)).toEqual([{ tenant, email, invitedAt: at }]);
  expect(await invitations.put(next, '2026-11-20T09:55:00.000Z')).toBe(at);
});
