import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUpdateUserAttributesCommand,
  CognitoIdentityProviderClient,
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

/** Who invited last, for the mail; users may not write them. */
const INVITED_TO = 'custom:invited_to';
const INVITED_BY = 'custom:invited_by';
/** As the pool's schema has it, in characters. */
const LONGEST_ACCOUNT = 256;
/** The largest page of ListUsersInGroup. */
const PAGE = 60;

/**
 * A Cognito user pool. Until December 2026 a tenant's users were in the group named after the
 * tenant's id, which access tokens carry; those still are.
 *
 * @param pool its id, `eu-west-1_...`
 */
export function cognitoUserDirectory(
  client: CognitoIdentityProviderClient,
  pool: string,
): UserDirectory {
  const inPool = { UserPoolId: pool };

  /** Another first password, where the user has not signed in; another mail may name others. */
  async function inviteAgain(email: string, attributes: AttributeType[]): Promise<void> {
    const user = await unless(UserNotFoundException, () =>
      client.send(new AdminGetUserCommand({ ...inPool, Username: email })),
    );
    // Deleted since, or somebody who signs in: they see the invitation there.
    if (user === undefined || stateOf(user) !== 'invited') return;
    await client.send(
      new AdminUpdateUserAttributesCommand({
        ...inPool,
        Username: email,
        UserAttributes: attributes,
      }),
    );
    await client.send(
      new AdminCreateUserCommand({ ...inPool, Username: email, MessageAction: 'RESEND' }),
    );
  }

  async function groupsOf(name: string): Promise<string[]> {
    const groups: (string | undefined)[] = [];
    const asked = { ...inPool, Username: name };
    for await (const { Groups = [] } of paginateAdminListGroupsForUser({ client }, asked)) {
      groups.push(...Groups.map(({ GroupName: group }) => group));
    }
    return groups.filter((group) => group !== undefined);
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

    invite: (email, { account, user = '' }) =>
      throttled(async () => {
        const attributes = [
          { Name: INVITED_TO, Value: account.slice(0, LONGEST_ACCOUNT) },
          { Name: INVITED_BY, Value: user },
        ];
        const made = await unless(UsernameExistsException, () =>
          client.send(
            new AdminCreateUserCommand({
              ...inPool,
              Username: email,
              DesiredDeliveryMediums: ['EMAIL'],
              UserAttributes: [
                { Name: 'email', Value: email },
                { Name: 'email_verified', Value: 'true' },
                ...attributes.filter(({ Value }) => Value !== ''),
              ],
            }),
          ),
        );
        if (made === undefined) await inviteAgain(email, attributes);
      }),

    addressOf: (id) =>
      throttled(async () => {
        const user = await unless(UserNotFoundException, () =>
          client.send(new AdminGetUserCommand({ ...inPool, Username: id })),
        );
        const isTheirs = valueOf(user?.UserAttributes, 'email_verified') === 'true';
        return isTheirs ? valueOf(user?.UserAttributes, 'email')?.toLowerCase() : undefined;
      }),

    remove: (tenant, id, isWanted) =>
      throttled(async () => {
        const user = { ...inPool, Username: id };
        await unless(UserNotFoundException, async () => {
          const groups = await groupsOf(id);
          if (!isWanted && groups.every((group) => group === tenant)) {
            await client.send(new AdminDeleteUserCommand(user));
          } else if (groups.includes(tenant)) {
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
