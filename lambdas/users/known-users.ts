import { digest128 } from '#shared/core/digest.ts';
import { encodeRandom128, type TenantId } from '#shared/core/model/names.ts';
import { FORMER_ROLE, type Role } from '#shared/core/model/roles.ts';
import type { Scope } from '#shared/core/model/scopes.ts';
import type { UserDocument } from '#shared/api/routes/users.ts';
import type { Membership } from '#shared/app/ports/memberships.ts';
import type { DirectoryUser } from '#shared/app/ports/user-directory.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import type { UserPorts } from './ports.ts';

/** The caller of a route about a tenant's users. */
export interface Caller {
  readonly tenant: TenantId;
  /** Their name in the directory; undefined where an API key calls. */
  readonly user: string | undefined;
  readonly scopes: readonly Scope[];
}

/** A user as the tenant sees them; one without a member is an invitation not taken up. */
export interface KnownUser {
  readonly document: UserDocument;
  readonly member: Membership | undefined;
}

/** Returns a tenant's users and those it invited, by address. */
export async function knownUsers(
  { tenant, user }: Caller,
  {
    directory,
    memberships,
    invitations,
  }: Pick<UserPorts, 'directory' | 'memberships' | 'invitations'>,
): Promise<KnownUser[]> {
  const [former, stored, invited] = await Promise.all([
    directory.members(tenant),
    memberships.in(tenant),
    invitations.of(tenant),
  ]);
  const members = [
    ...former.map((one) => formerMember(tenant, one, stored)),
    ...stored
      .filter(
        ({ user: id, endedAt }) => endedAt === undefined && !former.some((one) => one.id === id),
      )
      .map((member) => ({ member, state: 'active' as const })),
  ];
  const known = members.map(({ member, state }): KnownUser => {
    const { email, role, since, user: id } = member;
    const self = id === user;
    return { member, document: { id: userId(tenant, email), email, state, role, since, self } };
  });
  const taken = new Set(members.map(({ member }) => member.email));
  const open = invited.filter(({ email }) => !taken.has(email)).map(invitedUser);
  return [...known, ...open].toSorted((a, b) => (a.document.email < b.document.email ? -1 : 1));
}

/** One whose removal was interrupted is still in the directory, and shown, so that it can go on. */
function formerMember(
  tenant: TenantId,
  { id, email, state, createdAt }: DirectoryUser,
  stored: readonly Membership[],
): { readonly member: Membership; readonly state: UserDocument['state'] } {
  const known = stored.find(({ user }) => user === id);
  const unknown = { tenant, user: id, email, role: FORMER_ROLE, since: createdAt };
  return { member: known ?? unknown, state };
}

export const invitedUser = (invitation: Invitation): KnownUser => ({
  member: undefined,
  document: {
    id: userId(invitation.tenant, invitation.email),
    email: invitation.email,
    state: 'invited',
    role: roleOf(invitation),
    since: invitation.invitedAt,
    self: false,
  },
});

/** The role that an invitation is for. */
export const roleOf = ({ role = FORMER_ROLE }: Pick<Invitation, 'role'>): Role => role;

/** Made of what the tenant knows, so that it does not reveal if the address exists. */
export const userId = (tenant: TenantId, email: string): string =>
  `u_${encodeRandom128(digest128(tenant, email))}`;
