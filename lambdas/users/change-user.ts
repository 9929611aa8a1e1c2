import type { UserDocument } from '#shared/api/routes/users.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { userEvent } from '#shared/core/model/event.ts';
import type { Role } from '#shared/core/model/roles.ts';
import type { Membership } from '#shared/app/ports/memberships.ts';
import { requireRole } from './invite-user.ts';
import { knownUsers, type Caller, type KnownUser } from './known-users.ts';
import type { UserPorts } from './ports.ts';

/**
 * Gives a user of the tenant another role, from their next request on.
 *
 * @throws Refusal `not-found`, also where the user is another tenant's or has not accepted;
 *   `forbidden` where the caller may do less than one of the roles; `last-user`
 */
export async function changeRole(
  caller: Caller,
  { id, role }: { readonly id: string; readonly role: Role },
  ports: UserPorts,
): Promise<UserDocument> {
  const known = await knownUsers(caller, ports);
  const { document, member } = requireKnown(known, id);
  if (member === undefined || document.state === 'invited') {
    throw new Refusal('not-found', 'They have not accepted yet; invite them again for the role.');
  }
  requireRole(document.role, caller.scopes, 'change');
  requireRole(role, caller.scopes, 'change');
  if (role !== 'owner') requireOtherOwner(known, document);
  await ports.memberships.put({ ...member, role });
  return { ...document, role };
}

/**
 * Removes a user of the tenant, or withdraws an invitation. Interrupted at any step it can be asked
 * for again.
 *
 * @throws Refusal `not-found`, also where the user is another tenant's; `forbidden` where the user
 *   may do more than the caller; `last-user`
 */
export async function removeUser(
  caller: Caller,
  id: string,
  ports: UserPorts,
): Promise<UserDocument> {
  const known = await knownUsers(caller, ports);
  const { document, member } = requireKnown(known, id);
  if (member !== undefined) {
    if (!document.self) requireRole(document.role, caller.scopes, 'remove');
    requireOtherOwner(known, document);
  }
  const at = ports.clock.now().toISOString();
  await ports.invitations.remove(caller.tenant, document.email, at);
  if (member !== undefined) await endMembership(member, at, ports);
  await ports.bus.put([userEvent(caller.tenant, 'user.removed', document.email, at)]);
  return document;
}

async function endMembership(
  member: Membership,
  endedAt: string,
  { memberships, invitations, directory }: UserPorts,
): Promise<void> {
  const { tenant, user, email } = member;
  // Before the user is gone: the authorizer refuses their tokens from now on.
  await memberships.put({ ...member, endedAt });
  const [standing, invited] = await Promise.all([memberships.of(user), invitations.to(email)]);
  const isMember = standing.memberships.some((one) => one.endedAt === undefined);
  await directory.remove(tenant, user, isMember || invited.length > 0);
}

/** @throws Refusal `not-found` */
function requireKnown(known: readonly KnownUser[], id: string): KnownUser {
  const found = known.find(({ document }) => document.id === id);
  if (found !== undefined) return found;
  throw new Refusal('not-found', 'You have no such user; see GET /v1/users.');
}

/** Somebody must stay who decides about people. @throws Refusal `last-user` */
function requireOtherOwner(known: readonly KnownUser[], { id, role, state }: UserDocument): void {
  if (role !== 'owner' || state !== 'active') return;
  const isOther = ({ document }: KnownUser): boolean =>
    document.role === 'owner' && document.state === 'active' && document.id !== id;
  if (known.some(isOther)) return;
  throw new Refusal(
    'last-user',
    'This is the last active owner; make somebody else an owner first.',
  );
}
