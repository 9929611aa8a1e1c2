import type { TenantId } from '#shared/core/model/names.ts';

/**
 * A tenant's invitation of an address. It is kept beside the directory, so that an address of
 * another tenant seems to the inviter like one that does not answer.
 */
export interface Invitation {
  readonly tenant: TenantId;
  /** In lower case. */
  readonly email: string;
  /** ISO 8601. */
  readonly invitedAt: string;
}

export interface Invitations {
  /** Takes the place of an earlier one of the same address. */
  put(invitation: Invitation): Promise<void>;
  /** A tenant's; strongly consistent. */
  of(tenant: TenantId): Promise<Invitation[]>;
  remove(tenant: TenantId, email: string): Promise<void>;
}

/** Users who were removed, until every token that they may hold has ended. */
export interface RemovedUsers {
  /** @param at ISO 8601 */
  add(id: string, at: string): Promise<void>;
  /** Strongly consistent, so that a removed user is refused at once. */
  has(id: string): Promise<boolean>;
}

/** Access tokens last an hour. */
export const REMOVED_KEPT_HOURS = 24;
