import {
  answering,
  json,
  readJson,
  requireScope,
  scopesOf,
  userOf,
  type ApiEvent,
  type ApiResult,
} from '#shared/api/http.ts';
import { matchRoute, routes } from '#shared/api/routes.ts';
import { inviteRequest } from '#shared/api/user-schemas.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { allScopes, type Scope } from '#shared/app/ports/tenant-store.ts';
import type { UserPorts } from './ports.ts';
import { inviteUser, listUsers, removeUser } from './users.ts';

/**
 * Answers a request about users; a failure is an answer too.
 *
 * @param report told of failures that are ours
 */
export const answer = (
  event: ApiEvent,
  ports: UserPorts,
  report: (error: unknown) => void,
): Promise<ApiResult> => answering(() => answerMatched(event, ports), report);

async function answerMatched(event: ApiEvent, ports: UserPorts): Promise<ApiResult> {
  const match = matchRoute(event.requestContext.http.method, event.rawPath);
  if (match.kind !== 'found') throw new Refusal('not-found', 'There is no such route.');
  const caller = {
    tenant: requireScope(event, routes[match.operation].scope),
    user: userOf(event),
  };
  if (match.operation === 'listUsers') {
    return json(200, { users: await listUsers(caller, ports) });
  }
  if (match.operation === 'inviteUser') {
    requireEveryScope(scopesOf(event));
    const { email } = readJson(event, inviteRequest);
    const user = await inviteUser(caller, email, ports);
    return json(201, user, { location: `/v1/users/${user.id}` });
  }
  if (match.operation === 'removeUser') {
    return json(200, await removeUser(caller, match.params['id'] as string, ports));
  }
  throw new Refusal('not-found', 'There is no such route.');
}

/** Nobody gives more than they have. @throws Refusal `forbidden` */
function requireEveryScope(scopes: readonly Scope[]): void {
  const lacking = allScopes.filter((scope) => !scopes.includes(scope));
  if (lacking.length === 0) return;
  throw new Refusal(
    'forbidden',
    `A user may do everything, so that only a key that may can invite one, and yours lacks "${lacking.join('", "')}".`,
  );
}
