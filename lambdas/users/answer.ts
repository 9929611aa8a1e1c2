import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { scopesOf, userOf, type ApiEvent } from '#shared/api/http.ts';
import { users } from '#shared/api/routes/users.ts';
import { allScopes, type Scope } from '#shared/core/model/scopes.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { UserPorts } from './ports.ts';
import { inviteUser, listUsers, removeUser, type Caller } from './users.ts';

const useCases = {
  async listUsers(call, ports) {
    return { users: await listUsers(callerOf(call), ports) };
  },

  async inviteUser(call, ports) {
    requireEveryScope(scopesOf(call.event));
    return inviteUser(callerOf(call), call.body.email, ports);
  },

  removeUser: (call, ports) => removeUser(callerOf(call), call.params.id, ports),
} satisfies UseCases<'users', UserPorts>;

/** Answers a request about those who use the dashboard. */
export const answer = dispatcher<'users', UserPorts>(users, useCases);

const callerOf = ({ event, tenant }: { event: ApiEvent; tenant: TenantId }): Caller => ({
  tenant,
  user: userOf(event),
});

/** No caller gives more scopes than they have; keys from before December 2026 lack `audit:read`. @throws Refusal `forbidden` */
function requireEveryScope(scopes: readonly Scope[]): void {
  const lacking = allScopes.filter((scope) => scope !== 'audit:read' && !scopes.includes(scope));
  if (lacking.length === 0) return;
  throw new Refusal(
    'forbidden',
    `A user may do everything, so that only a key that may can invite one, and yours lacks "${lacking.join('", "')}".`,
  );
}
