import * as z from 'zod';
import { userStates } from '#shared/app/ports/user-directory.ts';
import { roles } from '#shared/core/model/roles.ts';
import { components, type Route } from './route.ts';

/** RFC 5321 §4.5.3.1.1; the whole has 256 with its angle brackets (§4.5.3.1.3). */
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

const inviteRequest = z
  .strictObject({
    email: z
      .string()
      .trim()
      .toLowerCase()
      .max(LONGEST_ADDRESS)
      .pipe(z.email('is not an e-mail address'))
      .refine((email) => email.indexOf('@') <= LONGEST_LOCAL_PART, 'is not an e-mail address')
      .describe('Where the invitation goes, and what they sign in by'),
    role: z.enum(roles).default('member').describe('At most what you may do yourself'),
  })
  .register(components, { id: 'InviteRequest' });

const roleChange = z
  .strictObject({ role: z.enum(roles) })
  .register(components, { id: 'RoleChange' });

const userDocument = z
  .object({
    id: z.string().describe('For `DELETE /v1/users/{id}`'),
    email: z.string().describe('In lower case'),
    state: z
      .enum(userStates)
      .describe(
        '`invited`: has not accepted yet. `active`: has. `disabled`: shut out by the operator.',
      ),
    role: z.enum(roles).describe('What they may do, or will once they accept'),
    since: z.iso.datetime().describe('When they were last invited or, once active, accepted'),
    self: z.boolean().describe('Whether it is you'),
  })
  .register(components, { id: 'User' });

const userList = z
  .object({ users: z.array(userDocument).describe('By address') })
  .register(components, { id: 'UserList' });

export type UserDocument = z.infer<typeof userDocument>;

/** Those who use the dashboard for a tenant. */
export const users = {
  listUsers: {
    function: 'users',
    method: 'GET',
    path: '/v1/users',
    scope: 'users',
    summary: 'List those who may use the dashboard for you',
    answer: { status: 200, says: 'The list', json: userList },
    refusals: [],
  },
  inviteUser: {
    function: 'users',
    method: 'POST',
    path: '/v1/users',
    scope: 'users',
    summary: 'Invite somebody to the dashboard',
    description:
      'They belong to your account once they accept, signed in. Who has not signed in before gets a mail with a first password, which is good for 3 days, and which names you, where a user invites, and your account; inviting them again sends another. Others find the invitation when they sign in next. No answer reveals whether an address is known.',
    body: inviteRequest,
    answer: { status: 201, says: 'Invited', json: userDocument, location: '/v1/users/{id}' },
    refusals: ['user-exists', 'too-many-users', 'forbidden'],
  },
  changeUser: {
    function: 'users',
    method: 'PATCH',
    path: '/v1/users/{id}',
    scope: 'users',
    summary: 'Give a user another role',
    description:
      'From their next request on. Both roles may do no more than you. An account keeps one active owner at least.',
    body: roleChange,
    answer: { status: 200, says: 'Changed', json: userDocument },
    refusals: ['not-found', 'last-user', 'forbidden'],
  },
  removeUser: {
    function: 'users',
    method: 'DELETE',
    path: '/v1/users/{id}',
    scope: 'users',
    summary: 'Remove a user',
    description:
      'They are refused from the next request on; in other accounts they stay what they are. The last active owner stays.',
    answer: { status: 200, says: 'Removed', json: userDocument },
    refusals: ['not-found', 'last-user', 'forbidden'],
  },
} as const satisfies Record<string, Route>;
