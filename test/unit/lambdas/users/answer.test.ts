import { beforeEach, describe, expect, test } from 'vitest';
import type { UserDocument } from '#shared/api/routes/users.ts';
import type { OwnAccounts } from '#shared/api/routes/own-accounts.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { roleScopes, roles } from '#shared/core/model/roles.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import { answer } from '../../../../lambdas/users/answer.ts';
import type { AnswerPorts } from '#shared/api/answered-once.ts';
import type { UserPorts } from '../../../../lambdas/users/ports.ts';
import { MOST_MAILS_TO_ADDRESS, MOST_USERS } from '../../../../lambdas/users/invite-user.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryUserDirectory } from '../../../fakes/user-directory.ts';
import { MemoryMemberships } from '../../../fakes/memberships.ts';
import { MemoryInvitations } from '../../../fakes/user-store.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenEvent } from '../../api/given-event.ts';

const all = allScopes.join(' ');
const now = '2026-11-23T10:00:00.000Z';
let at = Date.parse(now);
const pass = (seconds: number) => (at += seconds * 1_000);
let directory: MemoryUserDirectory;
let memberships: MemoryMemberships;
let ports: UserPorts & AnswerPorts;
let tenant: TenantId;
let other: TenantId;
let bus: MemoryEventBus;
beforeEach(() => {
  directory = new MemoryUserDirectory();
  const invitations = new MemoryInvitations();
  memberships = new MemoryMemberships(invitations);
  at = Date.parse(now);
  const clock = { now: () => new Date(at) };
  bus = new MemoryEventBus();
  ports = {
    bus,
    answers: new MemoryAnswerStore(),
    budgets: givenBudgets(clock, { 'invitations-day': MOST_USERS + 1 }).budgets,
    directory,
    tenants: { nameOf: async (id) => (id === tenant ? 'The shop' : 'A stranger') },
    invitations,
    memberships,
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

const invite = async (email: string, options: Options & { role?: string } = {}) => {
  const { role, ...rest } = options;
  const given = { email, ...(role === undefined ? {} : { role }) };
  const { status, body } = await call('POST', '/v1/users', { ...rest, body: given });
  return { status, body: body as UserDocument & Record<string, unknown> };
};
const list = async (options: Options = {}) =>
  (await call('GET', '/v1/users', options)).body['users'] as UserDocument[];

/** As a user who is signed in, and belongs to nothing yet. */
const asUser = async (user: string, method: string, path: string) => {
  const event = givenEvent({ method, path, caller: { user, scopes: '' } });
  const result = await answer(event, ports, (error) => {
    throw error;
  });
  return {
    status: result.statusCode as number,
    body: JSON.parse(result.body as string) as OwnAccounts & Record<string, unknown>,
  };
};

/** Invites an address, signs in and accepts. @returns the user's name in the directory */
async function join(email: string, options: Options & { role?: string } = {}): Promise<string> {
  const { body } = await invite(email, options);
  const user = await directory.confirm(email);
  const accepted = await asUser(user, 'POST', `/v1/me/invitations/${body.id}/accept`);
  expect(accepted.status).toBe(200);
  return user;
}

describe('inviting', () => {
  test('makes a user who has not signed in yet, under the address in lower case', async () => {
    const { status, body } = await invite(' Ann@Example.com ');
    expect(status).toBe(201);
    expect(body).toMatchObject({ email: 'ann@example.com', state: 'invited', since: now });
    expect(await list()).toEqual([body]);
    expect(directory.mails).toEqual(['ann@example.com']);
  });

  test('names the account, and the user who invites where it is one', async () => {
    const user = await join('ann@example.com', { role: 'owner' });
    expect(directory.inviters.get('ann@example.com')).toEqual({ account: 'The shop' });
    await call('POST', '/v1/users', { user, body: { email: 'bob@example.com' } });
    expect(directory.inviters.get('bob@example.com')).toEqual({
      account: 'The shop',
      user: 'ann@example.com',
    });
    const bob = await directory.confirm('bob@example.com');
    expect((await asUser(bob, 'GET', '/v1/me')).body.invitations).toMatchObject([
      { account: 'The shop', inviter: 'ann@example.com', role: 'member', invitedAt: now },
    ]);
  });

  test('sends another mail to one who was invited, and refuses one who signs in', async () => {
    const first = await invite('ann@example.com');
    pass(900);
    const second = await invite('ann@example.com');
    expect(second.body).toEqual({ ...first.body, since: '2026-11-23T10:15:00.000Z' });
    expect(directory.mails).toHaveLength(2);
    const user = await directory.confirm('ann@example.com');
    await asUser(user, 'POST', `/v1/me/invitations/${first.body.id}/accept`);
    const { status, body } = await invite('ann@example.com');
    expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'user-exists' });
  });

  test('an address that others invited, or that belongs to others, is answered like any other', async () => {
    const ann = await join('ann@example.com', { as: other });
    const theirs = await invite('ann@example.com');
    const nobodys = await invite('eve@example.com');
    expect(theirs.status).toBe(nobodys.status);
    const { id, email } = theirs.body;
    expect(theirs.body).toEqual({ ...nobodys.body, id, email });
    expect(id).toHaveLength(nobodys.body.id.length);
    expect(await list()).toEqual([theirs.body, nobodys.body]);
    expect((await call('DELETE', `/v1/users/${theirs.body.id}`)).status).toBe(200);
    expect((await asUser(ann, 'GET', '/v1/me')).body.invitations).toEqual([]);
    expect(await list({ as: other })).toMatchObject([
      { email: 'ann@example.com', state: 'active' },
    ]);
  });

  test('a stranger who invites first keeps nobody: who is invited chooses, and may be in both', async () => {
    await invite('bob@example.com', { as: other, role: 'owner' });
    pass(900);
    await invite('bob@example.com', { role: 'admin' });
    // The last mail names the last to invite.
    expect(directory.inviters.get('bob@example.com')).toEqual({ account: 'The shop' });
    const bob = await directory.confirm('bob@example.com');
    expect((await memberships.of(bob)).memberships).toEqual([]);
    const { body } = await asUser(bob, 'GET', '/v1/me');
    expect(body.invitations.map(({ account }) => account)).toEqual(['A stranger', 'The shop']);
    const [stranger, shop] = body.invitations;
    const accepted = await asUser(bob, 'POST', `/v1/me/invitations/${shop!.id}/accept`);
    expect(accepted).toMatchObject({ status: 200, body: { id: tenant, role: 'admin' } });
    expect(await list()).toMatchObject([{ state: 'active', role: 'admin' }]);
    const declined = await asUser(bob, 'DELETE', `/v1/me/invitations/${stranger!.id}`);
    expect(declined.status).toBe(200);
    expect(await list({ as: other })).toEqual([]);
    expect((await memberships.of(bob)).memberships).toMatchObject([{ tenant, role: 'admin' }]);
  });

  test('nobody accepts for another, twice, or what was withdrawn', async () => {
    const { body: invited } = await invite('ann@example.com');
    const path = `/v1/me/invitations/${invited.id}/accept`;
    await invite('eve@example.com');
    const [ann, eve] = [
      await directory.confirm('ann@example.com'),
      await directory.confirm('eve@example.com'),
    ];
    expect((await asUser(eve, 'POST', path)).status).toBe(404);
    expect((await asUser(eve, 'DELETE', path.replace('/accept', ''))).status).toBe(404);
    const first = await asUser(ann, 'POST', path);
    expect(first.status).toBe(200);
    expect(await asUser(ann, 'POST', path)).toEqual(first);
    await call('DELETE', `/v1/users/${invited.id}`);
    expect((await asUser(ann, 'POST', path)).status).toBe(404);
    expect((await memberships.of(ann)).memberships).toMatchObject([{ endedAt: now }]);
  });

  test('an address gets so many mails a day, however many strangers invite it', async () => {
    const strangers = Array.from({ length: 12 }, () => givenTenant());
    for (const as of strangers) {
      expect((await invite('ann@example.com', { as })).status).toBe(201);
    }
    expect(directory.mails).toHaveLength(MOST_MAILS_TO_ADDRESS);
    const { status } = await invite('ann@example.com');
    expect(status).toBe(201);
    expect(directory.mails).toHaveLength(MOST_MAILS_TO_ADDRESS);
    pass(86_400);
    await invite('ann@example.com', { as: givenTenant() });
    expect(directory.mails).toHaveLength(MOST_MAILS_TO_ADDRESS + 1);
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
  test('ends the user in this account from then on, and deletes who is in no other', async () => {
    const user = await join('ann@example.com');
    await join('owner@example.com', { role: 'owner' });
    const [ann] = await list();
    expect((await call('DELETE', `/v1/users/${ann!.id}`)).status).toBe(200);
    expect((await list()).map(({ email }) => email)).toEqual(['owner@example.com']);
    expect((await memberships.of(user)).memberships).toMatchObject([{ tenant, endedAt: now }]);
    expect(await directory.addressOf(user)).toBeUndefined();
    expect((await call('DELETE', `/v1/users/${ann!.id}`)).status).toBe(404);
  });

  test('leaves who is in another account, or invited there, what they are', async () => {
    const user = await join('ann@example.com');
    await invite('ann@example.com', { as: other });
    const [ann] = await list();
    await call('DELETE', `/v1/users/${ann!.id}`);
    expect(await directory.addressOf(user)).toBe('ann@example.com');
    expect((await asUser(user, 'GET', '/v1/me')).body.invitations).toHaveLength(1);
  });

  test('the last active owner is neither removed nor made less', async () => {
    const user = await join('ann@example.com', { role: 'owner' });
    const bob = await join('bob@example.com', { role: 'admin' });
    const [ann] = await list({ user });
    expect(ann).toMatchObject({ self: true, role: 'owner' });
    const path = `/v1/users/${ann!.id}`;
    const lastUser = { status: 409, body: { code: 'last-user' } };
    expect(await call('DELETE', path, { user })).toMatchObject(lastUser);
    expect(await call('PATCH', path, { user, body: { role: 'admin' } })).toMatchObject(lastUser);
    expect((await memberships.of(user)).memberships).toMatchObject([{ role: 'owner' }]);
    const [, second] = await list();
    const promoted = await call('PATCH', `/v1/users/${second!.id}`, { body: { role: 'owner' } });
    expect(promoted).toMatchObject({ status: 200, body: { role: 'owner' } });
    expect((await memberships.of(bob)).memberships).toMatchObject([{ role: 'owner' }]);
    expect((await call('DELETE', path, { user })).status).toBe(200);
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

describe('a user from before there were roles', () => {
  test('is an owner, who is shown, changed and removed like any other', async () => {
    const user = directory.former(tenant, 'old@example.com');
    const [old] = await list();
    expect(old).toMatchObject({ email: 'old@example.com', state: 'active', role: 'owner' });
    await join('new@example.com', { role: 'owner' });
    const path = `/v1/users/${old!.id}`;
    expect((await call('PATCH', path, { body: { role: 'viewer' } })).status).toBe(200);
    expect((await memberships.of(user)).memberships).toMatchObject([{ tenant, role: 'viewer' }]);
    expect((await list())[1]).toMatchObject({ email: 'old@example.com', role: 'viewer' });
    expect((await call('DELETE', path)).status).toBe(200);
    expect(await list()).toHaveLength(1);
  });

  test('whose removal was interrupted is shown, so that it can go on', async () => {
    const user = directory.former(tenant, 'old@example.com');
    await join('new@example.com', { role: 'owner' });
    const remove = directory.remove.bind(directory);
    directory.remove = () => Promise.reject(new Error('interrupted'));
    const [, old] = await list();
    await expect(call('DELETE', `/v1/users/${old!.id}`)).rejects.toThrow('interrupted');
    expect((await memberships.of(user)).memberships).toMatchObject([{ endedAt: now }]);
    directory.remove = remove;
    expect((await call('DELETE', `/v1/users/${old!.id}`)).status).toBe(200);
    expect(await list()).toHaveLength(1);
  });
});

describe('nobody makes, changes or removes a user above their own rights', () => {
  test.each(roles.flatMap((role) => roles.map((by) => [by, role] as const)))(
    'with the scopes of %s and those for users, as %s',
    async (by, role) => {
      await join('owner@example.com', { role: 'owner' });
      await join('bob@example.com', { role });
      const scopes = [...new Set([...roleScopes[by], 'users'])].join(' ');
      // An admin lacks nothing else.
      const isOwner = by === 'owner' || by === 'admin';
      const may = isOwner || roles.indexOf(by) <= roles.indexOf(role);
      const expected = (status: number) => (may ? status : 403);
      expect((await invite('eve@example.com', { role, scopes })).status).toBe(expected(201));
      const [bob] = await list();
      const path = `/v1/users/${bob!.id}`;
      const raised = { scopes, body: { role: 'owner' } };
      expect((await call('PATCH', path, raised)).status).toBe(isOwner ? 200 : 403);
      await call('PATCH', path, { body: { role } });
      expect((await call('PATCH', path, { scopes, body: { role } })).status).toBe(expected(200));
      expect((await call('DELETE', path, { scopes })).status).toBe(expected(200));
    },
  );

  test('and takes the scope for users', async () => {
    expect((await call('GET', '/v1/users', { scopes: 'domains messages keys' })).status).toBe(403);
    expect((await call('GET', '/v1/users', { scopes: 'users' })).status).toBe(200);
    expect((await invite('ann@example.com', { scopes: 'users' })).status).toBe(403);
    expect(directory.mails).toEqual([]);
  });
});

test('each user who is invited or removed is an event', async () => {
  const { body: ann } = await invite('ann@example.com');
  await call('DELETE', `/v1/users/${ann.id}`);
  expect(bus.events).toMatchObject([
    { type: 'user.invited', tenant, data: { email: 'ann@example.com' } },
    { type: 'user.removed', tenant, data: { email: 'ann@example.com' } },
  ]);
});
