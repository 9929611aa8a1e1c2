import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoInvitations, dynamoRemovedUsers } from '#shared/adapters/aws/user-store.ts';
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
    await invitations.put({ ...one, invitedAt: '2026-11-19T10:00:00.000Z' });
    await invitations.put(one);
    await invitations.put({ ...one, email: 'b@example.com' });
    expect(await invitations.of(tenant)).toEqual([one, { ...one, email: 'b@example.com' }]);
    expect(await invitations.of(other)).toEqual([]);
    await invitations.remove(other, 'a@example.com');
    await invitations.remove(tenant, 'b@example.com');
    expect(await invitations.of(tenant)).toEqual([one]);
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
