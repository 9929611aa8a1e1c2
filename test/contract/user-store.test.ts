import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoMemberships } from '#shared/adapters/aws/memberships.ts';
import { dynamoInvitations } from '#shared/adapters/aws/user-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryMemberships } from '../fakes/memberships.ts';
import { MemoryInvitations } from '../fakes/user-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const adapters = {
  'in memory': () => {
    const invitations = new MemoryInvitations();
    return { invitations, memberships: new MemoryMemberships(invitations) };
  },
  'on DynamoDB': () => ({
    invitations: dynamoInvitations(dynamo.client, dynamo.tables.users, dynamo.trail),
    memberships: dynamoMemberships(dynamo.client, dynamo.tables.users, dynamo.trail),
  }),
};
const at = '2026-11-20T10:00:00.000Z';

describe.each(Object.entries(adapters))('Invitations and Memberships %s', (_name, adapter) => {
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

  test('an address finds what it is invited to, by any tenant, with role and inviter', async () => {
    const { invitations } = adapter();
    const email = `${givenTenant()}@example.com`;
    const [one, other] = [givenTenant(), givenTenant()].map((tenant) => ({
      tenant,
      email,
      invitedAt: at,
      role: 'viewer' as const,
      inviter: 'ann@example.com',
    }));
    await invitations.put(one!, at);
    await invitations.put(other!, at, 0);
    await invitations.put({ ...one!, email: 'else@example.com' }, at);
    expect(await invitations.to(email)).toHaveLength(2);
    expect(await invitations.to(email)).toEqual(expect.arrayContaining([one, other]));
    await invitations.remove(one!.tenant, email, at);
    expect(await invitations.to(email)).toEqual([other]);
    await invitations.remove(givenTenant(), email, at);
  });

  test('an address gets so many mails a day, whoever invites', async () => {
    const { invitations } = adapter();
    const email = `${givenTenant()}@example.com`;
    const count = () => invitations.countMail(email, at, 3);
    const counted = await Promise.all(Array.from({ length: 8 }, count));
    expect(counted.filter(Boolean)).toHaveLength(3);
    expect(await invitations.countMail(email, '2026-11-21T00:00:00.000Z', 3)).toBe(true);
    expect(await invitations.countMail(`other-${email}`, at, 3)).toBe(true);
  });

  test('an invitation is taken up once, as it was read, and then there is a member', async () => {
    const { invitations, memberships } = adapter();
    const [tenant, user] = [givenTenant(), `user-${givenTenant()}`];
    const email = `${user}@example.com`;
    const invitation = { tenant, email, invitedAt: at, role: 'admin' as const };
    const member = { tenant, user, email, role: 'admin' as const, since: at };
    expect(await memberships.accept(invitation, member)).toBe(false);
    await invitations.put(invitation, at);
    expect(await memberships.accept({ ...invitation, invitedAt: 'before' }, member)).toBe(false);
    expect(await memberships.of(user)).toEqual({ memberships: [], wasRemoved: false });
    expect(await memberships.accept(invitation, member)).toBe(true);
    expect(await memberships.accept(invitation, member)).toBe(false);
    expect((await memberships.of(user)).memberships).toEqual([member]);
    expect(await memberships.in(tenant)).toEqual([member]);
    expect(await invitations.of(tenant)).toEqual([]);
    expect(await invitations.to(email)).toEqual([]);
    const withdrawn = { ...invitation, invitedAt: '2026-11-21T10:00:00.000Z' };
    await invitations.put(withdrawn, withdrawn.invitedAt);
    await invitations.remove(tenant, email, at);
    expect(await memberships.accept(withdrawn, member)).toBe(false);
  });

  test('a member of several tenants has a role in each, and ends in one alone', async () => {
    const { memberships } = adapter();
    const user = `user-${givenTenant()}`;
    const [one, other] = [givenTenant(), givenTenant()].map((tenant) => ({
      tenant,
      user,
      email: 'ann@example.com',
      role: 'owner' as const,
      since: at,
    }));
    await memberships.put(one!);
    await memberships.put({ ...other!, role: 'viewer' });
    await memberships.put({ ...one!, endedAt: at });
    const all = [
      { ...one, endedAt: at },
      { ...other, role: 'viewer' },
    ];
    const found = (await memberships.of(user)).memberships;
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining(all));
    expect(await memberships.in(one!.tenant)).toEqual([{ ...one, endedAt: at }]);
  });
});

test('that a membership ended is kept for longer than a token lasts', async () => {
  const tenant = givenTenant();
  await dynamoMemberships(dynamo.client, dynamo.tables.users, dynamo.trail).put({
    tenant,
    user: 'ann',
    email: 'ann@example.com',
    role: 'owner',
    since: at,
    endedAt: at,
  });
  const { Item: item } = await dynamo.client.send(
    new GetCommand({
      TableName: dynamo.tables.users,
      Key: { pk: 'user#ann', sk: `member#${tenant}` },
    }),
  );
  expect(item?.['expiresAt']).toBe(Date.parse(at) / 1000 + 24 * 3_600);
});

test('a user whom an earlier release removed is none until their tokens have ended', async () => {
  const Item = { pk: 'user#eve', sk: 'removed', removedAt: at, expiresAt: 1 };
  await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.users, Item }));
  const memberships = dynamoMemberships(dynamo.client, dynamo.tables.users, dynamo.trail);
  expect(await memberships.of('eve')).toEqual({ memberships: [], wasRemoved: true });
});

test('an invitation as earlier releases wrote it is listed, and counts for the interval', async () => {
  const invitations = dynamoInvitations(dynamo.client, dynamo.tables.users, dynamo.trail);
  const tenant = givenTenant();
  const email = 'old@example.com';
  const Item = { pk: `tenant#${tenant}`, sk: `invitation#${email}`, tenant, email, invitedAt: at };
  await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.users, Item }));
  const next = { tenant, email, invitedAt: '2026-11-20T10:10:00.000Z' };
  expect(await invitations.of(tenant)).toEqual([{ tenant, email, invitedAt: at }]);
  expect(await invitations.put(next, '2026-11-20T09:55:00.000Z')).toBe(at);
});
