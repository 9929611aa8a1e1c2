import type { TenantId } from '#shared/core/model/names.ts';
import type { DirectoryUser, Inviter, UserDirectory } from '#shared/app/ports/user-directory.ts';

interface Entry extends DirectoryUser {
  readonly tenant: TenantId;
}

/** Users in memory, by the rules of the port. */
export class MemoryUserDirectory implements UserDirectory {
  #users: Entry[] = [];
  #made = 0;
  /** Addresses that a first password was sent to. */
  readonly mails: string[] = [];
  /** Who the first invitation of an address named. */
  readonly inviters = new Map<string, Inviter>();

  async members(tenant: TenantId): Promise<DirectoryUser[]> {
    return this.#users
      .filter((user) => user.tenant === tenant)
      .map(({ id, email, state, createdAt }) => ({ id, email, state, createdAt }));
  }

  async invite(tenant: TenantId, email: string, from: Inviter): Promise<void> {
    const present = this.#users.find((user) => user.email === email);
    if (present === undefined) {
      this.#made += 1;
      this.inviters.set(email, from);
      const createdAt = '2026-11-20T10:00:00.000Z';
      this.#users.push({ tenant, id: `user-${this.#made}`, email, state: 'invited', createdAt });
    }
    const mine = present === undefined || present.tenant === tenant;
    if (mine && (present?.state ?? 'invited') === 'invited') this.mails.push(email);
  }

  async remove(tenant: TenantId, id: string): Promise<void> {
    this.#users = this.#users.filter((user) => user.tenant !== tenant || user.id !== id);
  }

  /** As one who signs in for the first time. @returns the user's id */
  async confirm(email: string): Promise<string> {
    this.#users = this.#users.map((user) =>
      user.email === email ? { ...user, state: 'active' } : user,
    );
    return this.#users.find((user) => user.email === email)!.id;
  }
}
