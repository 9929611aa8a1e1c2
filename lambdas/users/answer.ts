import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { contextOf, scopesOf, userOf, type ApiEvent } from '#shared/api/http.ts';
import { ownAccountRoutes } from '#shared/api/routes/own-accounts.ts';
import { users } from '#shared/api/routes/users.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { changeRole, removeUser } from './change-user.ts';
import { inviteUser } from './invite-user.ts';
import { knownUsers, type Caller } from './known-users.ts';
import {
  acceptInvitation,
  accountsOf,
  declineInvitation,
  readOwnAccounts,
  type User,
} from './own-accounts.ts';
import type { UserPorts } from './ports.ts';

const useCases = {
  async listUsers(call, ports) {
    return { users: (await knownUsers(callerOf(call), ports)).map(({ document }) => document) };
  },

  inviteUser: (call, ports) => inviteUser(callerOf(call), call.body, ports),

  changeUser: (call, ports) =>
    changeRole(callerOf(call), { id: call.params.id, role: call.body.role }, ports),

  removeUser: (call, ports) => removeUser(callerOf(call), call.params.id, ports),

  readOwnAccounts: ({ event }, ports) => readOwnAccounts(requireUser(event), ports),

  acceptInvitation: ({ event, params: { id } }, ports) =>
    acceptInvitation(requireUser(event), id, ports),

  declineInvitation: ({ event, params: { id } }, ports) =>
    declineInvitation(requireUser(event), id, ports),
} satisfies UseCases<'users', UserPorts>;

/** Answers a request about those who use the dashboard. */
export const answer = dispatcher<'users', UserPorts>({ ...users, ...ownAccountRoutes }, useCases);

const callerOf = ({ event, tenant }: { event: ApiEvent; tenant: TenantId }): Caller => ({
  tenant,
  user: userOf(event),
  scopes: scopesOf(event),
});

/** The dispatcher lets users alone come to these routes. */
const requireUser = (event: ApiEvent): User => ({
  id: userOf(event) as string,
  accounts: accountsOf(contextOf(event)?.accounts ?? ''),
});
