import { join } from 'node:path';
import {
  emptyPool,
  Pool,
  type CustomAttributes,
  type InvitationMail,
  type PoolState,
  type PoolUser,
} from './cognito-pool.ts';
import { AwsError, type AwsHandler, type Clock } from './http.ts';
import { JsonInput, jsonResponse, targetOperation } from './json-protocol.ts';
import { readJsonFile, writeFileAtomically } from './state-file.ts';

export interface CognitoOptions {
  readonly stateDir: string;
  readonly now?: Clock;
}

export interface Cognito {
  readonly handle: AwsHandler;
  /** Makes a pool whose users sign in by address, or takes it up where it was left. */
  createPool(id: string, customAttributes: CustomAttributes, name?: string): Pool;
  /** Has a pool's mails of invitations written by its function for custom messages. */
  writeMailsBy(pool: string, invoke: MailFunction): void;
}

/** @returns the answer as JSON; undefined where the function failed */
export type MailFunction = (event: string) => Promise<string | undefined>;

/** The output of an operation: its fields. */
type Operation = (input: JsonInput, pool: Pool, now: Date) => object;

const MOST_USERS_A_PAGE = 60;

const operations: Readonly<Record<string, Operation>> = {
  AdminCreateUser(input, pool, now) {
    input.only('UserPoolId', 'Username', 'UserAttributes', 'DesiredDeliveryMediums', MESSAGE);
    const username = input.string('Username');
    const action = input.optionalString(MESSAGE);
    if (action === 'RESEND') return { User: userType(pool.inviteAgain(username)) };
    if (action !== undefined) throw unsupported(`${MESSAGE} ${action}`);
    return { User: userType(pool.create(username, attributesOf(input), now)) };
  },

  AdminGetUser(input, pool) {
    const { Attributes, ...user } = userType(pool.user(userNamed(input)));
    return { ...user, UserAttributes: Attributes };
  },

  AdminUpdateUserAttributes(input, pool) {
    const username = input.only('UserPoolId', 'Username', 'UserAttributes').string('Username');
    pool.update(username, attributesOf(input));
    return {};
  },

  AdminDeleteUser(input, pool) {
    pool.remove(userNamed(input));
    return {};
  },

  CreateGroup(input, pool) {
    const group = input.only('UserPoolId', 'GroupName').string('GroupName');
    pool.createGroup(group);
    return { Group: { GroupName: group } };
  },

  AdminAddUserToGroup(input, pool) {
    const { username, group } = membership(input);
    pool.join(username, group);
    return {};
  },

  AdminRemoveUserFromGroup(input, pool) {
    const { username, group } = membership(input);
    pool.leave(username, group);
    return {};
  },

  AdminListGroupsForUser(input, pool) {
    const { groups } = pool.user(input.only('UserPoolId', 'Username').string('Username'));
    return { Groups: groups.map((group) => ({ GroupName: group })) };
  },

  ListUsersInGroup(input, pool) {
    input.only('UserPoolId', 'GroupName', 'Limit', 'NextToken');
    const users = pool.usersIn(input.string('GroupName'));
    const { Limit: limit = MOST_USERS_A_PAGE } = input.fields;
    if (typeof limit !== 'number' || limit < 1 || limit > MOST_USERS_A_PAGE) {
      throw new AwsError('InvalidParameterException', `Limit must be 1 to ${MOST_USERS_A_PAGE}.`);
    }
    const start = Number(input.optionalString('NextToken') ?? '0');
    const end = start + limit;
    return {
      Users: users.slice(start, end).map(userType),
      ...(end < users.length ? { NextToken: String(end) } : {}),
    };
  },
};

const MESSAGE = 'MessageAction';

/**
 * Cognito's user pools: those of its operations that manage users and groups. There is no sign-in
 * here, and no mail is sent; the user's record counts the mail that AWS would send.
 */
export function createCognito({ stateDir, now = Date.now }: CognitoOptions): Cognito {
  const file = join(stateDir, 'cognito.json');
  const states = new Map(Object.entries((readJsonFile(file) ?? {}) as Record<string, PoolState>));
  const pools = new Map<string, Pool>();
  const names = new Map<string, string>();
  const mailFunctions = new Map<string, MailFunction>();
  return {
    writeMailsBy: (pool, invoke) => void mailFunctions.set(pool, invoke),

    createPool(id, customAttributes, name = id) {
      names.set(id, name);
      const pool = new Pool(states.get(id) ?? emptyPool, customAttributes, (state) => {
        states.set(id, state);
        writeFileAtomically(file, JSON.stringify(Object.fromEntries(states), null, 2));
      });
      pools.set(id, pool);
      return pool;
    },

    async handle(request) {
      const name = targetOperation(request);
      if (name === 'ListUserPools') {
        new JsonInput(request.body).only('MaxResults');
        return jsonResponse({
          UserPools: [...names].map(([Id, Name]) => ({ Id, Name })),
        });
      }
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (operation === undefined) {
        throw new AwsError('UnknownOperationException', `The Cognito stand-in has no ${name}.`);
      }
      const input = new JsonInput(request.body);
      const id = input.string('UserPoolId');
      const pool = pools.get(id);
      if (pool === undefined) {
        throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`);
      }
      const output = operation(input, pool, new Date(now()));
      const invoke = mailFunctions.get(id);
      if (name === 'AdminCreateUser' && invoke !== undefined) {
        const user = pool.user(input.string('Username'));
        pool.noteMail(user, await invitationMail(id, user, invoke));
      }
      return jsonResponse(output);
    },
  };
}

const CODE = '{####}';
const USERNAME = '{username}';

/** @throws AwsError UserLambdaValidationException, InvalidLambdaResponseException */
async function invitationMail(
  userPoolId: string,
  { name, attributes }: PoolUser,
  invoke: MailFunction,
): Promise<InvitationMail> {
  const event = {
    version: '1',
    userPoolId,
    userName: name,
    triggerSource: 'CustomMessage_AdminCreateUser',
    request: {
      userAttributes: { sub: name, 'cognito:user_status': 'FORCE_CHANGE_PASSWORD', ...attributes },
      codeParameter: CODE,
      usernameParameter: USERNAME,
    },
    response: { smsMessage: null, emailMessage: null, emailSubject: null },
  };
  const answer = await invoke(JSON.stringify(event));
  if (answer === undefined) {
    throw new AwsError('UserLambdaValidationException', 'CustomMessage failed.');
  }
  const { emailSubject: subject, emailMessage: message } = (
    JSON.parse(answer) as { response: { emailSubject: unknown; emailMessage: unknown } }
  ).response;
  const isWhole =
    typeof message === 'string' && [CODE, USERNAME].every((one) => message.includes(one));
  if (typeof subject !== 'string' || !isWhole) {
    throw new AwsError(
      'InvalidLambdaResponseException',
      'The message of an invitation needs the password and the user name.',
    );
  }
  return { subject, message };
}

const unsupported = (what: string) =>
  new AwsError('InvalidParameterException', `The stand-in does not support ${what}.`);

const userNamed = (input: JsonInput): string =>
  input.only('UserPoolId', 'Username').string('Username');

const membership = (input: JsonInput) => ({
  username: input.only('UserPoolId', 'Username', 'GroupName').string('Username'),
  group: input.string('GroupName'),
});

function attributesOf({ fields }: JsonInput): Record<string, string> {
  const { UserAttributes: attributes = [] } = fields as {
    UserAttributes?: readonly { readonly Name: string; readonly Value?: string }[];
  };
  return Object.fromEntries(attributes.map(({ Name, Value = '' }) => [Name, Value]));
}

/** As the JSON protocol has it: times in seconds since 1970. */
const userType = ({ name, attributes, createdAt, status }: PoolUser) => ({
  Username: name,
  Attributes: [
    { Name: 'sub', Value: name },
    ...Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  ],
  UserCreateDate: Date.parse(createdAt) / 1000,
  Enabled: true,
  UserStatus: status,
});
