import type { TenantId } from '#shared/core/model/names.ts';

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly createdAt: string;
}

/**
 * The scopes of a key: `domains` the domain routes, `messages` sending and message statuses, `keys`
 * making and revoking keys, `users` inviting and removing dashboard users.
 */
export const allScopes = ['domains', 'messages', 'keys', 'users'] as const;
export type Scope = (typeof allScopes)[number];

export interface ApiKey {
  /** SHA-256 of the key, hex; the key itself is shown once and kept nowhere. */
  readonly hash: string;
  readonly tenant: TenantId;
  /** The name that its maker gave it; the operator's have none. */
  readonly name?: string;
  /** The first characters, by which people recognize keys. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly revokedAt?: string;
}

export interface TenantStore {
  create(tenant: Tenant, key: ApiKey): Promise<void>;
  addKey(key: ApiKey): Promise<void>;
  list(): Promise<{ tenant: Tenant; keys: ApiKey[] }[]>;
  /** A tenant's keys, revoked ones too, in any order; strongly consistent. */
  keysOf(tenant: TenantId): Promise<ApiKey[]>;
  /** Strongly consistent, so that a revoked key is refused at once. */
  keyByHash(hash: string): Promise<ApiKey | undefined>;
  /** @returns false where there is no such key @throws nothing when it was revoked before */
  revoke(hash: string, at: string): Promise<boolean>;
}
