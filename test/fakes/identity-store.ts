import type { DomainName } from '#shared/core/model/names.ts';
import type { Identity, IdentityStore } from '#shared/app/ports/identities.ts';

/** SES identities, in memory. */
export class MemoryIdentityStore implements IdentityStore {
  readonly items = new Map<DomainName, Identity>();

  async get(domain: DomainName): Promise<Identity | undefined> {
    return this.items.get(domain);
  }

  async getMany(domains: readonly DomainName[]): Promise<Map<DomainName, Identity>> {
    return new Map(
      domains.flatMap((domain) => {
        const identity = this.items.get(domain);
        return identity === undefined ? [] : [[domain, identity]];
      }),
    );
  }

  async put(identity: Identity): Promise<void> {
    this.items.set(identity.domain, { ...identity });
  }

  async delete(domain: DomainName): Promise<void> {
    this.items.delete(domain);
  }
}
