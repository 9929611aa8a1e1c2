import type { TenantId } from '#shared/core/model/names.ts';
import type { DirectoryUser, Inviter, UserDirectory } from '#shared/app/ports/user-directory.ts';

interface Entry extends DirectoryUser {
  /** The tenants that they were users of before there were memberships. */
  readonly tenants: readonly TenantId[];
}

/** Users in memory, by the rules of the port. */
export class MemoryUserDirectory implements UserDirectory {
  #users: Entry[] = [];
  #made = 0;
  /** Addresses that a first password was sent to. */
  readonly mails: string[] = [];
  /** Who the last mail to an address named. */
  readonly inviters = new Map<string, Inviter>();

  async members(tenant: TenantId): Promise<DirectoryUser[]> {
    return this.#users
      .filter(({ tenants }) => tenants.includes(tenant))
      .map(({ id, email, state, createdAt }) => ({ id, email, state, createdAt }));
  }

  async invite(email: string, from: Inviter): Promise<void> {
    const present = this.#users.find((user) => user.email === email);
    if (present === undefined) this.#add({ email, state: 'invited', tenants: [] });
    else if (present.state !== 'invited') return;
    this.mails.push(email);
    this.inviters.set(email, from);
  }

  async addressOf(id: string): Promise<string | undefined> {
    return this.#users.find((user) => user.id === id)?.email;
  }

  async remove(tenant: TenantId, id: string, isWanted: boolean): Promise<void> {
    this.#users = this.#users
      .map((user) =>
        user.id === id
          ? { ...user, tenants: user.tenants.filter((other) => other !== tenant) }
          : user,
      )
      .filter((user) => user.id !== id || isWanted || user.tenants.length > 0);
  }

  /** As one who signs in for the first time. @returns the user's id */
  async confirm(email: string): Promise<string> {
    this.#users = this.#users.map((user) =>
      user.email === email ? { ...user, state: 'active' } : user,
    );
    return this.#users.find((user) => user.email === email)!.id;
  }

  /** As an earlier release, or the operator, made a user of a tenant. @returns the user's id */
  former(tenant: TenantId, email: string, state: DirectoryUser['state'] = 'active'): string {
    return this.#add({ email, state, tenants: [tenant] });
  }

  #add(user: Pick<Entry, 'email' | 'state' | 'tenants'>): string {
    this.#made += 1;
    const id = `user-${this.#made}`;
    this.#users.push({ ...user, id, createdAt: '2026-11-20T10:00:00.000Z' });
    return id;
  }
}
