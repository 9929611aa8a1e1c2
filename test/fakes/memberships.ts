import type { TenantId } from '#shared/core/model/names.ts';
import type { Membership, Memberships, UserStanding } from '#shared/app/ports/memberships.ts';
import type { Invitation } from '#shared/app/ports/user-store.ts';
import type { MemoryInvitations } from './user-store.ts';

/** Memberships in memory, by the rules of the port. */
export class MemoryMemberships implements Memberships {
  readonly #memberships = new Map<string, Membership>();
  readonly #invitations: MemoryInvitations;

  constructor(invitations: MemoryInvitations) {
    this.#invitations = invitations;
  }

  async of(user: string): Promise<UserStanding> {
    const memberships = [...this.#memberships.values()].filter((one) => one.user === user);
    return { memberships, wasRemoved: false };
  }

  async in(tenant: TenantId): Promise<Membership[]> {
    return [...this.#memberships.values()].filter((one) => one.tenant === tenant);
  }

  async accept(invitation: Invitation, membership: Membership): Promise<boolean> {
    const { tenant, email, invitedAt } = invitation;
    const open = await this.#invitations.of(tenant);
    if (!open.some((one) => one.email === email && one.invitedAt === invitedAt)) return false;
    await this.#invitations.remove(tenant, email);
    await this.put(membership);
    return true;
  }

  async put(membership: Membership): Promise<void> {
    this.#memberships.set(`${membership.tenant} ${membership.user}`, membership);
  }
}
