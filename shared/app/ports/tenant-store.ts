import type { Actor } from '#shared/core/model/actor.ts';
import type { Brand } from '#shared/core/model/brand.ts';
import type { ContactDetails } from '#shared/core/model/contact.ts';
import type { KeyBinding } from '#shared/core/model/key-binding.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import type { ScopeName } from '#shared/core/model/scopes.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly createdAt: string;
  /** Absent where the operator never decided anything about the tenant: it is active. */
  readonly state?: TenantState;
  /** The platform that made it, and the id that it has there; absent where the operator made it. */
  readonly platform?: PlatformId;
  readonly externalId?: string;
  /** The people who run the DNS of its domains, where no domain has its own. */
  readonly contacts?: readonly ContactDetails[];
  readonly brand?: Brand;
}

export interface ApiKey extends KeyBinding {
  /** SHA-256 of the key, hex; the key itself is shown once and kept nowhere. */
  readonly hash: string;
  readonly tenant: TenantId;
  /** The name that its maker gave it; the operator's have none. */
  readonly name?: string;
  /** The first characters, by which people recognize keys. */
  readonly prefix: string;
  /** As they were asked for; earlier releases stored the former names only. */
  readonly scopes: readonly ScopeName[];
  /** True: mail that needs a repair is refused, unless its submission says otherwise. */
  readonly strict?: boolean;
  readonly createdAt: string;
  /** Absent for keys from before December 2026. */
  readonly madeBy?: Actor;
  readonly revokedAt?: string;
}

export interface TenantStore {
  create(tenant: Tenant, key: ApiKey): Promise<void>;
  /** Strongly consistent. */
  get(tenant: TenantId): Promise<Tenant | undefined>;
  /**
   * Writes name, contacts and brand where they are still those that were read.
   *
   * @throws Conflict
   */
  change(before: Tenant, next: Pick<Tenant, 'name' | 'contacts' | 'brand'>): Promise<void>;
  addKey(key: ApiKey): Promise<void>;
  /** The same, within a limit. @returns false, with nothing written, where `most` are not revoked */
  addKeyWithin(key: ApiKey, most: number): Promise<boolean>;
  list(): Promise<{ tenant: Tenant; keys: ApiKey[] }[]>;
  /** A tenant's keys, revoked ones too, in any order; strongly consistent. */
  keysOf(tenant: TenantId): Promise<ApiKey[]>;
  /** Strongly consistent, so that a revoked key is refused at once. */
  keyByHash(hash: string): Promise<ApiKey | undefined>;
  /** Strongly consistent, so that a suspension takes effect at once; undefined: no such tenant. */
  stateOf(tenant: TenantId): Promise<TenantState | undefined>;
  /** The name that the operator gave it; undefined: no such tenant. */
  nameOf(tenant: TenantId): Promise<string | undefined>;
  /**
   * Writes the tenant's state where it is still the one that was read.
   *
   * @throws Conflict
   */
  changeState(tenant: Tenant, next: TenantState): Promise<void>;
  /** @returns false where there is no such key @throws nothing when it was revoked before */
  revoke(hash: string, at: string): Promise<boolean>;
}
