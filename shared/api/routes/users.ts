import * as z from 'zod';
import { userStates } from '#shared/app/ports/user-directory.ts';
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
  })
  .register(components, { id: 'InviteRequest' });

const userDocument = z
  .object({
    id: z.string().describe('For `DELETE /v1/users/{id}`'),
    email: z.string().describe('In lower case'),
    state: z
      .enum(userStates)
      .describe(
        '`invited`: has not signed in yet. `active`: signs in. `disabled`: shut out by the operator.',
      ),
    since: z.iso.datetime().describe('When they were last invited or, once active, made'),
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
      'They get a mail with a first password, which is good for 3 days, and which names you, where a user invites, and your account; inviting them again sends another. An address belongs to one account at a time, and no answer reveals whether another has it: one that never becomes active may be such.',
    body: inviteRequest,
    answer: { status: 201, says: 'Invited', json: userDocument, location: '/v1/users/{id}' },
    refusals: ['user-exists', 'too-many-users'],
  },
  removeUser: {
    function: 'users',
    method: 'DELETE',
    path: '/v1/users/{id}',
    scope: 'users',
    summary: 'Remove a user',
    description:
      'They are refused from the next request on. The last active user cannot remove themselves.',
    answer: { status: 200, says: 'Removed', json: userDocument },
    refusals: ['not-found', 'last-user'],
  },
} as const satisfies Record<string, Route>;
