import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminRemoveUserFromGroupCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  GroupExistsException,
  paginateAdminListGroupsForUser,
  paginateListUsersInGroup,
  ResourceNotFoundException,
  UsernameExistsException,
  UserNotFoundException,
  type AttributeType,
  type CognitoIdentityProviderClientConfig,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { Throttled } from '#shared/core/model/errors.ts';
import { isTenantId, type TenantId } from '#shared/core/model/names.ts';
import type { DirectoryUser, UserDirectory, UserState } from '#shared/app/ports/user-directory.ts';
import { isThrottlingName } from './outage.ts';
import { requestTimeouts } from './request-timeouts.ts';

export function cognitoClient(
  config: CognitoIdentityProviderClientConfig = {},
): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    requestHandler: requestTimeouts(),
    ...config,
  });
}

/**
 * Set when a user is made, and immutable: one call decides the tenant, so that no concurrent second
 * invitation can change it.
 */
const TENANT = 'custom:tenant';
/** As the pool's schema has it, in characters. */
const LONGEST_ACCOUNT = 256;
/** The largest page of ListUsersInGroup. */
const PAGE = 60;

/**
 * A Cognito user pool: a tenant's users are in the group named after the tenant's id, which access
 * tokens carry.
 *
 * @param pool its id, `eu-west-1_...`
 */
export function cognitoUserDirectory(
  client: CognitoIdentityProviderClient,
  pool: string,
): UserDirectory {
  const inPool = { UserPoolId: pool };

  async function join(tenant: TenantId, name: string): Promise<void> {
    const add = () =>
      client.send(new AdminAddUserToGroupCommand({ ...inPool, Username: name, GroupName: tenant }));
    try {
      await add();
    } catch (error) {
      // The tenant's first user.
      if (!(error instanceof ResourceNotFoundException)) throw error;
      await unless(GroupExistsException, () =>
        client.send(new CreateGroupCommand({ ...inPool, GroupName: tenant })),
      );
      await add();
    }
  }

  async function inviteAgain(tenant: TenantId, email: string): Promise<void> {
    const user = await unless(UserNotFoundException, () =>
      client.send(new AdminGetUserCommand({ ...inPool, Username: email })),
    );
    // Removed since, or another tenant's.
    if (user === undefined || valueOf(user.UserAttributes, TENANT) !== tenant) return;
    // Made by an invitation that was interrupted, or at the same moment.
    await join(tenant, user.Username as string);
    if (stateOf(user) !== 'invited') return;
    await client.send(
      new AdminCreateUserCommand({ ...inPool, Username: email, MessageAction: 'RESEND' }),
    );
  }

  async function groupsOf(name: string): Promise<TenantId[]> {
    const groups: (string | undefined)[] = [];
    const asked = { ...inPool, Username: name };
    for await (const { Groups = [] } of paginateAdminListGroupsForUser({ client }, asked)) {
      groups.push(...Groups.map(({ GroupName: group }) => group));
    }
    return groups.filter((group) => group !== undefined).filter(isTenantId);
  }

  return {
    members: (tenant) =>
      throttled(async () => {
        const asked = { ...inPool, GroupName: tenant, Limit: PAGE };
        const users: DirectoryUser[] = [];
        // A tenant that never had a user has no group.
        await unless(ResourceNotFoundException, async () => {
          for await (const { Users = [] } of paginateListUsersInGroup({ client }, asked)) {
            users.push(...Users.map(userOf));
          }
        });
        return users;
      }),

    invite: (tenant, email, { account, user }) =>
      throttled(async () => {
        const made = await unless(UsernameExistsException, () =>
          client.send(
            new AdminCreateUserCommand({
              ...inPool,
              Username: email,
              DesiredDeliveryMediums: ['EMAIL'],
              UserAttributes: [
                { Name: 'email', Value: email },
                { Name: 'email_verified', Value: 'true' },
                { Name: TENANT, Value: tenant },
                { Name: 'custom:account', Value: account.slice(0, LONGEST_ACCOUNT) },
                ...(user === undefined ? [] : [{ Name: 'custom:inviter', Value: user }]),
              ],
            }),
          ),
        );
        if (made === undefined) return inviteAgain(tenant, email);
        return join(tenant, made.User?.Username as string);
      }),

    remove: (tenant, id) =>
      throttled(async () => {
        const user = { ...inPool, Username: id };
        await unless(UserNotFoundException, async () => {
          const tenants = await groupsOf(id);
          if (!tenants.includes(tenant)) return;
          // In two by the operator's mistake: what they are to the other is not for this one to end.
          const alone = tenants.length === 1;
          if (alone) await client.send(new AdminDeleteUserCommand(user));
          else {
            const command = new AdminRemoveUserFromGroupCommand({ ...user, GroupName: tenant });
            await client.send(command);
          }
        });
      }),
  };
}

const valueOf = (attributes: readonly AttributeType[] | undefined, name: string) =>
  attributes?.find((attribute) => attribute.Name === name)?.Value;

function userOf(user: UserType): DirectoryUser {
  return {
    id: user.Username as string,
    email: (valueOf(user.Attributes, 'email') ?? '').toLowerCase(),
    state: stateOf(user),
    createdAt: (user.UserCreateDate as Date).toISOString(),
  };
}

function stateOf({ Enabled, UserStatus }: Pick<UserType, 'Enabled' | 'UserStatus'>): UserState {
  if (Enabled === false) return 'disabled';
  return UserStatus === 'FORCE_CHANGE_PASSWORD' ? 'invited' : 'active';
}

/** @returns undefined where it failed with that error */
async function unless<T>(
  expected: abstract new (...args: never[]) => Error,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof expected) return undefined;
    throw error;
  }
}

/** @throws Throttled where Cognito was asked too often, or has sent as many mails as it may in a day */
async function throttled<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (!isThrottlingName(name)) throw error;
    throw new Throttled('Cognito', { cause: error });
  }
}
