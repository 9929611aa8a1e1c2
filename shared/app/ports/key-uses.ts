import type { TenantId } from '#shared/core/model/names.ts';

/** When an API key was last used, and from where. */
export interface KeyUse {
  /** SHA-256 of the key, hex. */
  readonly key: string;
  readonly tenant: TenantId;
  /** The hour, ISO 8601. */
  readonly at: string;
  /** The address of the first request of the hour that was noted. */
  readonly address: string;
}

export interface KeyUses {
  /** Notes a use where none of this hour or a later one is noted. */
  note(use: KeyUse): Promise<void>;
  /** Of a tenant's keys, in any order. */
  of(tenant: TenantId): Promise<KeyUse[]>;
}

/** Days that a last use is known for. */
export const USE_KEPT_DAYS = 400;
