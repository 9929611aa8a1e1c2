import { Conflict } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Invitation, Invitations } from '#shared/app/ports/user-store.ts';

export class MemoryInvitations implements Invitations {
  readonly #invitations = new Map<string, Invitation>();
  readonly #removed = new Set<string>();

  readonly #mails = new Map<string, number>();
  readonly #revisions = new Map<TenantId, number>();

  async put(
    invitation: Invitation,
    notAfter: string,
    revision?: number,
  ): Promise<string | undefined> {
    const { tenant } = invitation;
    const now = this.#revisions.get(tenant) ?? 0;
    const key = `${invitation.tenant} ${invitation.email}`;
    const earlier = this.#invitations.get(key);
    if (earlier !== undefined && earlier.invitedAt > notAfter) return earlier.invitedAt;
    if (revision !== undefined) {
      if (revision !== now) throw new Conflict(key);
      this.#revisions.set(tenant, now + 1);
    }
    this.#invitations.set(key, invitation);
    this.#removed.delete(key);
    return undefined;
  }

  async revision(tenant: TenantId): Promise<number> {
    return this.#revisions.get(tenant) ?? 0;
  }

  async of(tenant: TenantId): Promise<Invitation[]> {
    return [...this.#invitations.values()]
      .filter((one) => one.tenant === tenant && !this.#removed.has(`${one.tenant} ${one.email}`))
      .toSorted((one, other) => (one.email < other.email ? -1 : 1));
  }

  async remove(tenant: TenantId, email: string): Promise<void> {
    this.#removed.add(`${tenant} ${email}`);
  }

  async to(email: string): Promise<Invitation[]> {
    return [...this.#invitations.values()].filter(
      (one) => one.email === email && !this.#removed.has(`${one.tenant} ${one.email}`),
    );
  }

  async countMail(email: string, at: string, most: number): Promise<boolean> {
    const key = `${email} ${at.slice(0, 10)}`;
    const count = this.#mails.get(key) ?? 0;
    if (count >= most) return false;
    this.#mails.set(key, count + 1);
    return true;
  }
}
