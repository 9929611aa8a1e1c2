import type { PageToken } from '#shared/core/model/page-token.ts';
import type { Platform, PlatformKey } from '#shared/core/model/platform.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import type { Tenant } from './tenant-store.ts';

/** A tenant that a platform made. */
export type PlatformTenant = Tenant & Required<Pick<Tenant, 'platform' | 'externalId'>>;

/** Platforms, their keys, the tenants that they made, and tokens for their pages. */
export interface PlatformStore {
  /** @throws Conflict where the id or the key exists */
  create(platform: Platform, key: PlatformKey): Promise<void>;
  /** @throws Refusal `not-found` @throws Conflict */
  addKey(key: PlatformKey): Promise<void>;
  list(): Promise<{ platform: Platform; keys: PlatformKey[] }[]>;
  /** Strongly consistent. */
  get(id: PlatformId): Promise<Platform | undefined>;
  /** Strongly consistent, so that a revoked key is refused at once. */
  keyByHash(hash: string): Promise<PlatformKey | undefined>;
  /** @returns false where there is no such key; the first revocation counts */
  revoke(hash: string, at: string): Promise<boolean>;
  /**
   * Replaces the origins of a platform where they are still those that were read.
   *
   * @throws Conflict
   */
  setOrigins(platform: Platform, origins: readonly string[]): Promise<void>;
  /** Returns true if any platform has the origin; eventually consistent. */
  hasOrigin(origin: string): Promise<boolean>;

  /**
   * Stores a tenant under its external id, in one transaction.
   *
   * @returns the tenant; the one that has the external id already, unchanged, where there is one
   */
  addTenant(tenant: PlatformTenant): Promise<PlatformTenant>;
  /** Strongly consistent. */
  tenantOf(platform: PlatformId, externalId: string): Promise<TenantId | undefined>;
  /** The tenants of a platform by external id. @throws Refusal `invalid-cursor` */
  tenants(
    platform: PlatformId,
    page: { cursor?: string; limit: number },
  ): Promise<{ tenants: PlatformTenant[]; cursor: string | undefined }>;

  addToken(token: PageToken): Promise<void>;
  /** Also a token that has ended, until it is deleted; strongly consistent. */
  tokenByHash(hash: string): Promise<PageToken | undefined>;
}
