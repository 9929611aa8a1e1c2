import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';

/** Tenants and keys in memory, by the rules of the port. */
export class MemoryTenantStore implements TenantStore {
  readonly #tenants = new Map<TenantId, Tenant>();
  readonly #keys = new Map<string, ApiKey>();

  async create(tenant: Tenant, key: ApiKey): Promise<void> {
    if (this.#tenants.has(tenant.id)) throw new Conflict(`the tenant ${tenant.name}`);
    this.#requireNew(key);
    this.#tenants.set(tenant.id, tenant);
    this.#keys.set(key.hash, key);
  }

  async addKey(key: ApiKey): Promise<void> {
    if (!this.#tenants.has(key.tenant)) {
      throw new Refusal('not-found', `There is no tenant ${key.tenant}.`);
    }
    this.#requireNew(key);
    this.#keys.set(key.hash, key);
  }

  async list(): Promise<{ tenant: Tenant; keys: ApiKey[] }[]> {
    return [...this.#tenants.values()]
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
      .map((tenant) => ({
        tenant,
        keys: [...this.#keys.values()].filter((key) => key.tenant === tenant.id),
      }));
  }

  async keysOf(tenant: TenantId): Promise<ApiKey[]> {
    return [...this.#keys.values()].filter((key) => key.tenant === tenant);
  }

  async keyByHash(hash: string): Promise<ApiKey | undefined> {
    return this.#keys.get(hash);
  }

  async revoke(hash: string, at: string): Promise<boolean> {
    const key = this.#keys.get(hash);
    if (key) this.#keys.set(hash, { revokedAt: at, ...key });
    return key !== undefined;
  }

  #requireNew(key: ApiKey): void {
    if (this.#keys.has(key.hash)) throw new Conflict(`the key ${key.prefix}`);
  }
}
