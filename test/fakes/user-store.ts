import type { TenantId } from '#shared/core/model/names.ts';
import type { Invitation, Invitations, RemovedUsers } from '#shared/app/ports/user-store.ts';

export class MemoryInvitations implements Invitations {
  readonly #invitations = new Map<string, Invitation>();

  async put(invitation: Invitation): Promise<void> {
    this.#invitations.set(`${invitation.tenant} ${invitation.email}`, invitation);
  }

  async of(tenant: TenantId): Promise<Invitation[]> {
    return [...this.#invitations.values()]
      .filter((invitation) => invitation.tenant === tenant)
      .toSorted((one, other) => (one.email < other.email ? -1 : 1));
  }

  async remove(tenant: TenantId, email: string): Promise<void> {
    this.#invitations.delete(`${tenant} ${email}`);
  }
}

export class MemoryRemovedUsers implements RemovedUsers {
  readonly #removed = new Set<string>();

  async add(id: string): Promise<void> {
    this.#removed.add(id);
  }

  async has(id: string): Promise<boolean> {
    return this.#removed.has(id);
  }
}
