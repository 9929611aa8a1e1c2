import { Refusal } from '#shared/core/model/errors.ts';
import { isTenantId, type TenantId } from '#shared/core/model/names.ts';
import type { Role } from '#shared/core/model/roles.ts';
import type { OwnAccounts } from '#shared/api/routes/own-accounts.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import { roleOf, userId } from './known-users.ts';
import type { UserPorts } from './ports.ts';

/** A user who asks about themselves. */
export interface User {
  /** Their name in the directory. */
  readonly id: string;
  /** The tenants that they belong to, as the authorizer found them. */
  readonly accounts: readonly { readonly tenant: TenantId; readonly role: Role }[];
}

/** Reads the accounts that the authorizer passed: `t_...:owner t_...:viewer`. */
export const accountsOf = (accounts: string): User['accounts'] =>
  accounts.split(' ').flatMap((each) => {
    const [tenant = '', role] = each.split(':');
    return isTenantId(tenant) && role !== undefined ? [{ tenant, role: role as Role }] : [];
  });

/** Returns the accounts that a user belongs to, and those that they may accept. */
export async function readOwnAccounts(
  { id, accounts }: User,
  ports: UserPorts,
): Promise<OwnAccounts> {
  const email = await ports.directory.addressOf(id);
  const invitations = email === undefined ? [] : await ports.invitations.to(email);
  return {
    email: email ?? null,
    accounts: await Promise.all(
      accounts.map(async ({ tenant, role }) => ({
        id: tenant,
        name: await nameOf(tenant, ports),
        role,
      })),
    ),
    invitations: await Promise.all(
      invitations.map(async (invitation) => ({
        id: userId(invitation.tenant, invitation.email),
        account: await nameOf(invitation.tenant, ports),
        role: roleOf(invitation),
        inviter: invitation.inviter ?? null,
        invitedAt: invitation.invitedAt,
      })),
    ),
  };
}

const nameOf = async (tenant: TenantId, { tenants }: UserPorts): Promise<string> =>
  (await tenants.nameOf(tenant)) ?? tenant;

/**
 * Takes an invitation up: the user belongs to its account from the next request on. Sent again it
 * changes nothing.
 *
 * @throws Refusal `not-found`, also where it is another's or was withdrawn
 */
export async function acceptInvitation(user: User, id: string, ports: UserPorts) {
  const email = await ports.directory.addressOf(user.id);
  const invitation = email === undefined ? undefined : await invitationOf(email, id, ports);
  if (email !== undefined && invitation === undefined) {
    const { memberships } = await ports.memberships.of(user.id);
    const accepted = memberships.find(
      ({ tenant, endedAt }) => endedAt === undefined && userId(tenant, email) === id,
    );
    if (accepted !== undefined) return accountOf(accepted, ports);
  }
  if (email === undefined || invitation === undefined) throw noSuchInvitation();
  const { tenant } = invitation;
  const since = ports.clock.now().toISOString();
  const membership = { tenant, user: user.id, email, role: roleOf(invitation), since };
  if (!(await ports.memberships.accept(invitation, membership))) throw noSuchInvitation();
  return accountOf(membership, ports);
}

const accountOf = async (
  { tenant, role }: { readonly tenant: TenantId; readonly role: Role },
  ports: UserPorts,
) => ({ id: tenant, name: await nameOf(tenant, ports), role });

/** Declines an invitation. @throws Refusal `not-found` */
export async function declineInvitation(user: User, id: string, ports: UserPorts) {
  const email = await ports.directory.addressOf(user.id);
  const invitation = email === undefined ? undefined : await invitationOf(email, id, ports);
  if (invitation === undefined) throw noSuchInvitation();
  const { tenant } = invitation;
  await ports.invitations.remove(tenant, invitation.email, ports.clock.now().toISOString());
  return { id: tenant, name: await nameOf(tenant, ports), role: roleOf(invitation) };
}

const invitationOf = async (
  email: string,
  id: string,
  { invitations }: UserPorts,
): Promise<Invitation | undefined> =>
  (await invitations.to(email)).find((one) => userId(one.tenant, one.email) === id);

const noSuchInvitation = () =>
  new Refusal('not-found', 'You have no such invitation; see GET /v1/me.');
