import * as z from 'zod';
import { roles } from '#shared/core/model/roles.ts';
import { components, type Route } from './route.ts';

const account = z
  .object({
    id: z.string().describe('For the field `Sender-Domains-Tenant`'),
    name: z.string(),
    role: z.enum(roles),
  })
  .register(components, { id: 'OwnAccount' });

const ownAccounts = z
  .object({
    email: z.string().nullable().describe('Null where it is not known to be yours'),
    accounts: z.array(account),
    invitations: z.array(
      z.object({
        id: z.string(),
        account: z.string().describe('Its name'),
        role: z.enum(roles),
        inviter: z.string().nullable().describe('Null where an API key invites'),
        invitedAt: z.iso.datetime(),
      }),
    ),
  })
  .register(components, { id: 'OwnAccounts' });

export type OwnAccounts = z.infer<typeof ownAccounts>;

/** The accounts of a user who is signed in, and those that they may accept. */
export const ownAccountRoutes = {
  readOwnAccounts: {
    function: 'users',
    method: 'GET',
    path: '/v1/me',
    scope: 'user',
    summary: 'Read which accounts you belong to, and are invited to',
    description:
      'A user of several accounts chooses one with each request, by the field `Sender-Domains-Tenant`.',
    answer: { status: 200, says: 'The accounts', json: ownAccounts },
    refusals: [],
  },
  acceptInvitation: {
    function: 'users',
    method: 'POST',
    path: '/v1/me/invitations/{id}/accept',
    scope: 'user',
    summary: 'Accept an invitation',
    description: 'You belong to the account from then on. Sent again it changes nothing.',
    keepsOwnAnswers: true,
    answer: { status: 200, says: 'The account', json: account },
    refusals: ['not-found'],
  },
  declineInvitation: {
    function: 'users',
    method: 'DELETE',
    path: '/v1/me/invitations/{id}',
    scope: 'user',
    summary: 'Decline an invitation',
    answer: { status: 200, says: 'The account that invited', json: account },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
