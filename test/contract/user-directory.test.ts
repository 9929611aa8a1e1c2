import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cognitoClient, cognitoUserDirectory } from '#shared/adapters/aws/user-directory.ts';
import type { UserDirectory } from '#shared/app/ports/user-directory.ts';
import { createCognito } from '../../local/aws/cognito.ts';
import type { Pool } from '../../local/aws/cognito-pool.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryUserDirectory } from '../fakes/user-directory.ts';
import {
  clientConfig,
  gatewayFor,
  refusal,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const POOL = 'eu-central-1_local';
const stateDir = temporaryDirectory();
const cognito = createCognito({ stateDir });
const attributes = ['custom:tenant', 'custom:inviter', 'custom:account'];
const from = { account: 'The shop', user: 'ann@shop.example' };
let pool: Pool;
let gateway: Gateway;
let client: ReturnType<typeof cognitoClient>;
beforeAll(async () => {
  pool = cognito.createPool(POOL, attributes);
  gateway = await gatewayFor({ 'cognito-idp': cognito.handle });
  client = cognitoClient(clientConfig(gateway));
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  remove(stateDir);
});

interface TestEnvironment {
  readonly directory: UserDirectory;
  readonly mailsTo: (email: string) => number;
  /** Who the user's mails name. */
  readonly inviterOf: (email: string) => unknown;
  readonly confirm: (email: string) => Promise<unknown>;
}

const adapters: Record<string, () => TestEnvironment> = {
  'in memory': () => {
    const directory = new MemoryUserDirectory();
    return {
      directory,
      mailsTo: (email) => directory.mails.filter((to) => to === email).length,
      inviterOf: (email) => directory.inviters.get(email),
      confirm: (email) => directory.confirm(email),
    };
  },
  'in Cognito': () => ({
    directory: cognitoUserDirectory(client, POOL),
    mailsTo: (email) => pool.user(email).invitations,
    inviterOf: (email) => {
      const { 'custom:account': account, 'custom:inviter': user } = pool.user(email).attributes;
      return { account, ...(user === undefined ? {} : { user }) };
    },
    confirm: async (email) => pool.confirm(email),
  }),
};

test('a pool whose mails a function writes keeps the last one, with the placeholders', async () => {
  const events: string[] = [];
  const own = createCognito({ stateDir });
  const other = own.createPool('eu-central-1_written', attributes);
  own.writeMailsBy('eu-central-1_written', async (event) => {
    events.push(event);
    const mail = { emailSubject: 'Hello', emailMessage: '{username} {####}' };
    return events.length > 2 ? undefined : JSON.stringify({ response: mail });
  });
  const there = await gatewayFor({ 'cognito-idp': own.handle });
  const writing = cognitoClient(clientConfig(there));
  const directory = cognitoUserDirectory(writing, 'eu-central-1_written');
  const tenant = givenTenant();
  await directory.invite(tenant, 'bob@shop.example', { account: 'The shop' });
  await directory.invite(tenant, 'bob@shop.example', from);
  expect(other.user('bob@shop.example').mail).toEqual({
    subject: 'Hello',
    message: '{username} {####}',
  });
  expect(events.map((event) => JSON.parse(event) as object)).toMatchObject([
    { request: { userAttributes: { 'custom:account': 'The shop' }, codeParameter: '{####}' } },
    { triggerSource: 'CustomMessage_AdminCreateUser' },
  ]);
  await expect(directory.invite(tenant, 'eve@shop.example', from)).rejects.toMatchObject({
    name: 'UserLambdaValidationException',
  });
  writing.destroy();
  await there.close();
});

let addresses = 0;
const address = () => `user${(addresses += 1)}@example.com`;

describe.each(Object.entries(adapters))('UserDirectory %s', (_name, adapter) => {
  test('an invited address is a user of the tenant who has not signed in, and gets a mail', async () => {
    const { directory, mailsTo, inviterOf } = adapter();
    const [tenant, email] = [givenTenant(), address()];
    expect(await directory.members(tenant)).toEqual([]);
    await directory.invite(tenant, email, from);
    expect(await directory.members(tenant)).toEqual([
      { id: expect.any(String), email, state: 'invited', createdAt: expect.any(String) },
    ]);
    expect(mailsTo(email)).toBe(1);
    expect(inviterOf(email)).toEqual(from);
  });

  test('inviting again sends another mail, until they have signed in', async () => {
    const { directory, mailsTo, confirm } = adapter();
    const [tenant, email] = [givenTenant(), address()];
    for (let times = 0; times < 2; times += 1) await directory.invite(tenant, email, from);
    expect(mailsTo(email)).toBe(2);
    await confirm(email);
    await directory.invite(tenant, email, from);
    expect(mailsTo(email)).toBe(2);
    expect(await directory.members(tenant)).toMatchObject([{ email, state: 'active' }]);
  });

  test('an address of another tenant’s stays theirs, and gets no mail', async () => {
    const { directory, mailsTo } = adapter();
    const [theirs, other, email] = [givenTenant(), givenTenant(), address()];
    await directory.invite(theirs, email, from);
    await directory.invite(other, email, from);
    expect(await directory.members(other)).toEqual([]);
    expect(await directory.members(theirs)).toMatchObject([{ email }]);
    expect(mailsTo(email)).toBe(1);
  });

  test('of two tenants that invite an address at once, one has the user', async () => {
    const { directory } = adapter();
    const [one, other, email] = [givenTenant(), givenTenant(), address()];
    await Promise.all([directory.invite(one, email, from), directory.invite(other, email, from)]);
    const members = [...(await directory.members(one)), ...(await directory.members(other))];
    expect(members).toHaveLength(1);
  });

  test('a removed user is gone, may be invited again as another, and only the own tenant removes', async () => {
    const { directory } = adapter();
    const [tenant, other, email] = [givenTenant(), givenTenant(), address()];
    await directory.invite(tenant, email, from);
    const [user] = await directory.members(tenant);
    await directory.remove(other, user!.id);
    expect(await directory.members(tenant)).toHaveLength(1);
    await directory.remove(tenant, user!.id);
    await directory.remove(tenant, user!.id);
    expect(await directory.members(tenant)).toEqual([]);
    await directory.invite(other, email, from);
    const [again] = await directory.members(other);
    expect(again!.id).not.toBe(user!.id);
  });

  test('more users than a page has are all there', async () => {
    const { directory } = adapter();
    const tenant = givenTenant();
    for (let count = 0; count < 61; count += 1) await directory.invite(tenant, address(), from);
    expect(await directory.members(tenant)).toHaveLength(61);
  });
});

describe('the adaptor to Cognito', () => {
  test('completes an invitation that was interrupted before the user was in the group', async () => {
    const directory = cognitoUserDirectory(client, POOL);
    const [tenant, other, email] = [givenTenant(), givenTenant(), address()];
    pool.create(email, { email, 'custom:tenant': tenant }, new Date());
    await directory.invite(other, email, from);
    expect(await directory.members(other)).toEqual([]);
    await directory.invite(tenant, email, from);
    expect(await directory.members(tenant)).toMatchObject([{ email }]);
  });

  test('leaves to the other tenant a user whom the operator put in the groups of two', async () => {
    const directory = cognitoUserDirectory(client, POOL);
    const [tenant, other, email] = [givenTenant(), givenTenant(), address()];
    await directory.invite(tenant, email, from);
    pool.createGroup(other);
    pool.join(email, other);
    await directory.remove(tenant, pool.user(email).name);
    expect(await directory.members(tenant)).toEqual([]);
    expect(await directory.members(other)).toMatchObject([{ email }]);
  });
});

describe('the stand-in', () => {
  test('keeps its users over a restart, and answers what it does not know with an error', async () => {
    const [tenant, email] = [givenTenant(), address()];
    await cognitoUserDirectory(client, POOL).invite(tenant, email, from);
    const again = createCognito({ stateDir }).createPool(POOL, attributes);
    expect(again.usersIn(tenant)).toMatchObject([{ attributes: { email } }]);
    expect(await refusal(client.send(new ListUserPoolsCommand({ MaxResults: 1 })))).toMatchObject({
      message: expect.stringMatching(/UserPoolId|ListUserPools/i),
    });
    expect(() => again.create(address(), { 'custom:other': 'x' }, new Date())).toThrow(/schema/);
  });
});
