import { beforeEach, describe, expect, test } from 'vitest';
import type { UserDocument } from '#shared/api/routes/users.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { answer } from '../../../../lambdas/users/answer.ts';
import type { AnswerPorts } from '#shared/api/answered-once.ts';
import type { UserPorts } from '../../../../lambdas/users/ports.ts';
import { MOST_USERS } from '../../../../lambdas/users/users.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryUserDirectory } from '../../../fakes/user-directory.ts';
import { MemoryInvitations, MemoryRemovedUsers } from '../../../fakes/user-store.ts';
import { givenEvent } from '../../api/given-event.ts';

const all = 'domains messages keys users';
const now = '2026-11-23T10:00:00.000Z';
let at = Date.parse(now);
const pass = (seconds: number) => (at += seconds * 1_000);
let directory: MemoryUserDirectory;
let removed: MemoryRemovedUsers;
let ports: UserPorts & AnswerPorts;
let tenant: TenantId;
let other: TenantId;
beforeEach(() => {
  directory = new MemoryUserDirectory();
  removed = new MemoryRemovedUsers();
  at = Date.parse(now);
  const clock = { now: () => new Date(at) };
  ports = {
    answers: new MemoryAnswerStore(),
    budgets: givenBudgets(clock, { 'invitations-day': MOST_USERS + 1 }).budgets,
    directory,
    tenants: { nameOf: async (id) => (id === tenant ? 'The shop' : undefined) },
    invitations: new MemoryInvitations(),
    removed,
    clock,
  };
  [tenant, other] = [givenTenant(), givenTenant()];
});

interface Options {
  as?: TenantId;
  user?: string;
  scopes?: string;
  body?: unknown;
}

async function call(
  method: string,
  path: string,
  { as = tenant, user, scopes = all, body }: Options = {},
) {
  const event = givenEvent({
    method,
    path,
    caller: { tenant: as, scopes, ...(user === undefined ? {} : { user }) },
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const result = await answer(event, ports, (error) => {
    throw error;
  });
  return {
    status: result.statusCode as number,
    body: JSON.parse(result.body as string) as Record<string, unknown>,
  };
}

const invite = async (email: string, options: Options = {}) => {
  const { status, body } = await call('POST', '/v1/users', { ...options, body: { email } });
  return { status, body: body as UserDocument & Record<string, unknown> };
};
const list = async (options: Options = {}) =>
  (await call('GET', '/v1/users', options)).body['users'] as UserDocument[];

describe('inviting', () => {
  test('makes a user who has not signed in yet, under the address in lower case', async () => {
    const { status, body } = await invite(' Ann@Example.com ');
    expect(status).toBe(201);
    expect(body).toMatchObject({ email: 'ann@example.com', state: 'invited', since: now });
    expect(await list()).toEqual([body]);
    expect(directory.mails).toEqual(['ann@example.com']);
  });

  test('names the account, and the user who invites where it is one', async () => {
    await call('POST', '/v1/users', { body: { email: 'ann@example.com' } });
    expect(directory.inviters.get('ann@example.com')).toEqual({ account: 'The shop' });
    const user = await directory.confirm('ann@example.com');
    await call('POST', '/v1/users', { user, body: { email: 'bob@example.com' } });
    expect(directory.inviters.get('bob@example.com')).toEqual({
      account: 'The shop',
      user: 'ann@example.com',
    });
  });

  test('sends another mail to one who was invited, and refuses one who signs in', async () => {
    const first = await invite('ann@example.com');
    pass(900);
    const second = await invite('ann@example.com');
    expect(second.body).toEqual({ ...first.body, since: '2026-11-23T10:15:00.000Z' });
    expect(directory.mails).toHaveLength(2);
    await directory.confirm('ann@example.com');
    const { status, body } = await invite('ann@example.com');
    expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'user-exists' });
  });

  test('an address of another tenant’s is answered, listed and withdrawn like any other', async () => {
    await invite('ann@example.com', { as: other });
    await directory.confirm('ann@example.com');
    const theirs = await invite('ann@example.com');
    const nobodys = await invite('eve@example.com');
    expect(theirs.status).toBe(nobodys.status);
    const { id, email } = theirs.body;
    expect(theirs.body).toEqual({ ...nobodys.body, id, email });
    expect(id).toHaveLength(nobodys.body.id.length);
    expect(await list()).toEqual([theirs.body, nobodys.body]);
    expect(await directory.members(tenant)).toMatchObject([{ email: 'eve@example.com' }]);
    expect((await call('DELETE', `/v1/users/${theirs.body.id}`)).status).toBe(200);
    expect(await directory.members(other)).toMatchObject([{ email: 'ann@example.com' }]);
  });

  test.each([
    'ann',
    'ann@',
    '@example.com',
    'a b@example.com',
    'ann@example',
    'ann@example.com, eve@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(60)}.${'c'.repeat(200)}.example`,
    '',
  ])('refuses what is no address: %s', async (email) => {
    const { status, body } = await invite(email);
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'invalid-body' });
    expect(directory.mails).toEqual([]);
  });

  test('at most so many, however many are invited at once', async () => {
    for (let count = 1; count < MOST_USERS; count += 1) await invite(`u${count}@example.com`);
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => invite(`${name}@example.com`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const { body } = await call('GET', '/v1/users');
    expect(body['users']).toHaveLength(MOST_USERS);
  });

  test('at most so many', async () => {
    for (let count = 0; count < MOST_USERS; count += 1) await invite(`u${count}@example.com`);
    const { status, body } = await invite('one-more@example.com');
    expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'too-many-users' });
    pass(900);
    expect((await invite('u0@example.com')).status).toBe(201);
  });

  test('a stranger gets one mail in the interval, whether the invitation is withdrawn or not', async () => {
    const { body: invited } = await invite('ann@example.com');
    pass(10);
    const tries = await Promise.all(Array.from({ length: 40 }, () => invite('ann@example.com')));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([429]));
    expect(tries[0]!.body).toMatchObject({
      code: 'budget-exceeded',
      budget: 'invitation-interval',
      retryAfter: 890,
    });
    expect((await list())[0]).toEqual(invited);
    await call('DELETE', `/v1/users/${invited.id}`);
    expect((await invite('ann@example.com')).status).toBe(429);
    expect(directory.mails).toEqual(['ann@example.com']);
    pass(890);
    expect((await invite('ann@example.com')).status).toBe(201);
  });

  test('a day has so many mails, and an invitation that is refused takes none', async () => {
    const clock = { now: () => new Date(at) };
    ports = { ...ports, budgets: givenBudgets(clock, { 'invitations-day': 3 }).budgets };
    await invite('ann@example.com');
    await invite('ann@example.com');
    await invite('bob@example.com');
    await invite('eve@example.com');
    const { status, body } = await invite('one-more@example.com');
    expect({ status, budget: body['budget'] }).toEqual({ status: 429, budget: 'invitations-day' });
    expect(await list()).toHaveLength(3);
    expect(directory.mails).toHaveLength(3);
  });
});

describe('removing', () => {
  test('ends the user, whose tokens are refused from then on', async () => {
    const { body: ann } = await invite('ann@example.com');
    const id = await directory.confirm('ann@example.com');
    expect((await call('DELETE', `/v1/users/${ann.id}`)).status).toBe(200);
    expect(await list()).toEqual([]);
    expect(await removed.has(id)).toBe(true);
    expect((await call('DELETE', `/v1/users/${ann.id}`)).status).toBe(404);
  });

  test('of oneself takes another active user', async () => {
    const { body: ann } = await invite('ann@example.com');
    const user = await directory.confirm('ann@example.com');
    await invite('eve@example.com');
    expect(await list({ user })).toMatchObject([{ self: true }, { self: false }]);
    const refused = await call('DELETE', `/v1/users/${ann.id}`, { user });
    expect(refused).toMatchObject({ status: 409, body: { code: 'last-user' } });
    expect(await removed.has(user)).toBe(false);
    await directory.confirm('eve@example.com');
    expect((await call('DELETE', `/v1/users/${ann.id}`, { user })).status).toBe(200);
  });

  test('of another tenant’s user is as of one that is not there', async () => {
    const { body: ann } = await invite('ann@example.com', { as: other });
    const theirs = await call('DELETE', `/v1/users/${ann.id}`);
    const nobodys = await call('DELETE', '/v1/users/u_nobody');
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(nobodys);
    expect(await list({ as: other })).toHaveLength(1);
    expect(await list()).toEqual([]);
  });
});

test('takes the scope, and to invite every scope: a user may do everything', async () => {
  expect((await call('GET', '/v1/users', { scopes: 'domains messages keys' })).status).toBe(403);
  expect((await invite('ann@example.com', { scopes: 'users' })).status).toBe(403);
  expect((await call('GET', '/v1/users', { scopes: 'users' })).status).toBe(200);
  expect(directory.mails).toEqual([]);
});
