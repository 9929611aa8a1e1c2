import { isDeepStrictEqual } from 'node:util';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
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

  async addKeyWithin(key: ApiKey, most: number): Promise<boolean> {
    const live = [...this.#keys.values()].filter(
      ({ tenant, revokedAt }) => tenant === key.tenant && revokedAt === undefined,
    );
    if (live.length >= most) return false;
    await this.addKey(key);
    return true;
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

  async get(id: TenantId): Promise<Tenant | undefined> {
    return this.#tenants.get(id);
  }

  async change(before: Tenant, next: Pick<Tenant, 'name' | 'contacts' | 'brand'>): Promise<void> {
    const stored = this.#tenants.get(before.id);
    if (stored === undefined || !isDeepStrictEqual(changeable(stored), changeable(before))) {
      throw new Conflict(`the tenant ${before.id}`);
    }
    const { contacts: _contacts, brand: _brand, ...rest } = stored;
    const { name, contacts, brand } = next;
    this.#tenants.set(before.id, {
      ...rest,
      name,
      ...(contacts === undefined ? {} : { contacts }),
      ...(brand === undefined ? {} : { brand }),
    });
  }

  /** Stores a tenant without a key, as a platform does. */
  put(tenant: Tenant): void {
    this.#tenants.set(tenant.id, tenant);
  }

  async stateOf(id: TenantId): Promise<TenantState | undefined> {
    const tenant = this.#tenants.get(id);
    return tenant && (tenant.state ?? activeState);
  }

  async nameOf(id: TenantId): Promise<string | undefined> {
    return this.#tenants.get(id)?.name;
  }

  async changeState({ id, state }: Tenant, next: TenantState): Promise<void> {
    const stored = this.#tenants.get(id);
    if (stored === undefined || !isDeepStrictEqual(stored.state, state)) {
      throw new Conflict(`the tenant ${id}`);
    }
    this.#tenants.set(id, { ...stored, state: structuredClone(next) });
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

const changeable = ({ name, contacts, brand }: Tenant) => ({ name, contacts, brand });
