import { GetSigningCertificateCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cognitoClient, cognitoUserDirectory } from '#shared/adapters/aws/user-directory.ts';
import type { UserDirectory } from '#shared/app/ports/user-directory.ts';
import { createCognito } from '../../local/aws/cognito.ts';
import type { Pool } from '../../local/aws/cognito-pool.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import type { TenantId } from '#shared/core/model/names.ts';
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
const attributes = {
  fixed: ['custom:tenant', 'custom:inviter', 'custom:account'],
  mutable: ['custom:invited_to', 'custom:invited_by'],
};
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
  /** As who signs in for the first time; answers with the user's name. */
  readonly confirm: (email: string) => Promise<string>;
  /** As an earlier release made a user of a tenant. */
  readonly former: (tenant: TenantId, email: string) => string;
}

const adapters: Record<string, () => TestEnvironment> = {
  'in memory': () => {
    const directory = new MemoryUserDirectory();
    return {
      directory,
      mailsTo: (email) => directory.mails.filter((to) => to === email).length,
      inviterOf: (email) => directory.inviters.get(email),
      confirm: (email) => directory.confirm(email),
      former: (tenant, email) => directory.former(tenant, email),
    };
  },
  'in Cognito': () => ({
    directory: cognitoUserDirectory(client, POOL),
    mailsTo: (email) => pool.user(email).invitations,
    inviterOf: (email) => {
      const { 'custom:invited_to': account, 'custom:invited_by': user } =
        pool.user(email).attributes;
      return { account, ...(user === undefined ? {} : { user }) };
    },
    confirm: async (email) => {
      pool.confirm(email);
      return pool.user(email).name;
    },
    former: (tenant, email) => {
      const { name } = pool.create(email, { email, email_verified: 'true' }, new Date());
      if (!pool.state.groups.includes(tenant)) pool.createGroup(tenant);
      pool.join(email, tenant);
      pool.confirm(email);
      return name;
    },
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
  await directory.invite('bob@shop.example', { account: 'The shop' });
  await directory.invite('bob@shop.example', from);
  expect(other.user('bob@shop.example').mail).toEqual({
    subject: 'Hello',
    message: '{username} {####}',
  });
  expect(events.map((event) => JSON.parse(event) as object)).toMatchObject([
    { request: { userAttributes: { 'custom:invited_to': 'The shop' }, codeParameter: '{####}' } },
    { triggerSource: 'CustomMessage_AdminCreateUser' },
  ]);
  await expect(directory.invite('eve@shop.example', from)).rejects.toMatchObject({
    name: 'UserLambdaValidationException',
  });
  writing.destroy();
  await there.close();
});

let addresses = 0;
const address = () => `user${(addresses += 1)}@example.com`;

describe.each(Object.entries(adapters))('UserDirectory %s', (_name, adapter) => {
  test('an invited address gets a mail, and is a member of nothing', async () => {
    const { directory, mailsTo, inviterOf, confirm } = adapter();
    const email = address();
    await directory.invite(email, from);
    expect(mailsTo(email)).toBe(1);
    expect(inviterOf(email)).toEqual(from);
    expect(await directory.addressOf(await confirm(email))).toBe(email);
    expect(await directory.addressOf('nobody')).toBeUndefined();
  });

  test('inviting again sends another mail, which names who invites now, until they have signed in', async () => {
    const { directory, mailsTo, inviterOf, confirm } = adapter();
    const email = address();
    await directory.invite(email, { account: 'A stranger', user: 'eve@evil.example' });
    await directory.invite(email, from);
    expect(inviterOf(email)).toEqual(from);
    await directory.invite(email, { account: 'By a key' });
    expect(inviterOf(email)).toEqual({ account: 'By a key' });
    expect(mailsTo(email)).toBe(3);
    await confirm(email);
    await directory.invite(email, from);
    expect(mailsTo(email)).toBe(3);
  });

  test('of two who invite an address at once, both are answered, and one user is made', async () => {
    const { directory, mailsTo } = adapter();
    const email = address();
    await Promise.all([directory.invite(email, from), directory.invite(email, from)]);
    expect(mailsTo(email)).toBe(2);
  });

  test('a former user is taken out of the tenant, and deleted unless others wait for them', async () => {
    const { directory, former } = adapter();
    const [tenant, other, email] = [givenTenant(), givenTenant(), address()];
    const id = former(tenant, email);
    expect(await directory.members(tenant)).toEqual([
      { id, email, state: 'active', createdAt: expect.any(String) },
    ]);
    await directory.remove(other, id, true);
    expect(await directory.members(tenant)).toHaveLength(1);
    await directory.remove(tenant, id, true);
    await directory.remove(tenant, id, true);
    expect(await directory.members(tenant)).toEqual([]);
    expect(await directory.addressOf(id)).toBe(email);
    await directory.remove(tenant, id, false);
    await directory.remove(tenant, id, false);
    expect(await directory.addressOf(id)).toBeUndefined();
  });

  test('more users than a page has are all there', async () => {
    const { directory, former } = adapter();
    const tenant = givenTenant();
    for (let count = 0; count < 61; count += 1) former(tenant, address());
    expect(await directory.members(tenant)).toHaveLength(61);
  });
});

describe('the adaptor to Cognito', () => {
  test('leaves to the other tenant a user whom the operator put in the groups of two', async () => {
    const directory = cognitoUserDirectory(client, POOL);
    const [tenant, other, email] = [givenTenant(), givenTenant(), address()];
    const { name } = pool.create(email, { email }, new Date());
    for (const group of [tenant, other]) {
      pool.createGroup(group);
      pool.join(email, group);
    }
    await directory.remove(tenant, name, false);
    expect(await directory.members(tenant)).toEqual([]);
    expect(await directory.members(other)).toMatchObject([{ email }]);
  });

  test('takes an address for theirs only where it was verified', async () => {
    const directory = cognitoUserDirectory(client, POOL);
    const email = address();
    const { name } = pool.create(email, { email, email_verified: 'false' }, new Date());
    expect(await directory.addressOf(name)).toBeUndefined();
  });
});

describe('the stand-in', () => {
  test('keeps its users over a restart, and answers what it does not know with an error', async () => {
    const email = address();
    await cognitoUserDirectory(client, POOL).invite(email, from);
    const again = createCognito({ stateDir }).createPool(POOL, attributes);
    expect(again.user(email)).toMatchObject({ attributes: { email }, invitations: 1 });
    expect(() => again.update(email, { 'custom:tenant': 'x' })).toThrow(/cannot be updated/);
    expect(
      await refusal(client.send(new GetSigningCertificateCommand({ UserPoolId: POOL }))),
    ).toMatchObject({
      message: expect.stringMatching(/GetSigningCertificate/),
    });
    expect(() => again.create(address(), { 'custom:other': 'x' }, new Date())).toThrow(/schema/);
  });
});
