import { isDeepStrictEqual } from 'node:util';
import type { PlatformStore, PlatformTenant } from '#shared/app/ports/platform-store.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { PageToken } from '#shared/core/model/page-token.ts';
import type { Platform, PlatformKey } from '#shared/core/model/platform.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import type { MemoryTenantStore } from './tenant-store.ts';
import { MemoryWebhookStore } from './webhook-store.ts';

/** Platforms in memory, by the rules of the port; their tenants are in a store of tenants. */
export class MemoryPlatformStore implements PlatformStore {
  readonly #platforms = new Map<PlatformId, Platform>();
  readonly #keys = new Map<string, PlatformKey>();
  readonly #external = new Map<string, TenantId>();
  readonly #tokens = new Map<string, PageToken>();
  readonly #tenants: MemoryTenantStore;
  readonly #webhooks: MemoryWebhookStore;

  constructor(tenants: MemoryTenantStore, webhooks = new MemoryWebhookStore()) {
    this.#tenants = tenants;
    this.#webhooks = webhooks;
  }

  async create(platform: Platform, key: PlatformKey): Promise<void> {
    if (this.#platforms.has(platform.id)) throw new Conflict(`the platform ${platform.name}`);
    this.#requireNew(key);
    this.#platforms.set(platform.id, platform);
    this.#keys.set(key.hash, key);
  }

  async addKey(key: PlatformKey): Promise<void> {
    if (!this.#platforms.has(key.platform)) {
      throw new Refusal('not-found', `There is no platform ${key.platform}.`);
    }
    this.#requireNew(key);
    this.#keys.set(key.hash, key);
  }

  list = async (): Promise<{ platform: Platform; keys: PlatformKey[] }[]> =>
    [...this.#platforms.values()].map((platform) => ({
      platform,
      keys: [...this.#keys.values()].filter((key) => key.platform === platform.id),
    }));

  async get(id: PlatformId): Promise<Platform | undefined> {
    return this.#platforms.get(id);
  }

  async keyByHash(hash: string): Promise<PlatformKey | undefined> {
    return this.#keys.get(hash);
  }

  async revoke(hash: string, at: string): Promise<boolean> {
    const key = this.#keys.get(hash);
    if (key) this.#keys.set(hash, { revokedAt: at, ...key });
    return key !== undefined;
  }

  async setOrigins({ id, origins }: Platform, next: readonly string[]): Promise<void> {
    const stored = this.#platforms.get(id);
    if (stored === undefined || !isDeepStrictEqual(stored.origins, origins)) {
      throw new Conflict(`the origins of the platform ${id}`);
    }
    this.#platforms.set(id, { ...stored, origins: next });
  }

  async hasOrigin(origin: string): Promise<boolean> {
    return [...this.#platforms.values()].some(({ origins = [] }) => origins.includes(origin));
  }

  async addTenant(tenant: PlatformTenant): Promise<PlatformTenant> {
    const place = `${tenant.platform} ${tenant.externalId}`;
    const known = this.#external.get(place);
    if (known !== undefined) return (await this.#tenants.get(known)) as PlatformTenant;
    this.#external.set(place, tenant.id);
    this.#tenants.put(tenant);
    const { platform, externalId } = tenant;
    this.#webhooks.platforms.set(tenant.id, { platform, externalId });
    return tenant;
  }

  async tenantOf(platform: PlatformId, externalId: string): Promise<TenantId | undefined> {
    return this.#external.get(`${platform} ${externalId}`);
  }

  async tenants(
    platform: PlatformId,
    { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<{ tenants: PlatformTenant[]; cursor: string | undefined }> {
    const places = [...this.#external.keys()]
      .filter((place) => place.startsWith(`${platform} `))
      .filter((place) => cursor === undefined || place > `${platform} ${cursor}`)
      .toSorted();
    const page = places.slice(0, limit);
    const tenants = await Promise.all(
      page.map(
        async (place) =>
          (await this.#tenants.get(this.#external.get(place) as TenantId)) as PlatformTenant,
      ),
    );
    return {
      tenants,
      cursor: places.length > limit ? tenants.at(-1)?.externalId : undefined,
    };
  }

  async addToken(token: PageToken): Promise<void> {
    this.#tokens.set(token.hash, token);
  }

  async tokenByHash(hash: string): Promise<PageToken | undefined> {
    return this.#tokens.get(hash);
  }

  #requireNew(key: PlatformKey): void {
    if (this.#keys.has(key.hash)) throw new Conflict(`the key ${key.prefix}`);
  }
}
