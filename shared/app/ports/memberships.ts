import type { TenantId } from '#shared/core/model/names.ts';
import type { Role } from '#shared/core/model/roles.ts';
import type { Invitation } from './user-store.ts';

/** A user's part in a tenant. */
export interface Membership {
  readonly tenant: TenantId;
  /** Their name in the user pool. */
  readonly user: string;
  /** In lower case. */
  readonly email: string;
  readonly role: Role;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Present where it ended; kept until every token that names the tenant has ended. */
  readonly endedAt?: string;
}

export interface UserStanding {
  /** Ended ones too. */
  readonly memberships: readonly Membership[];
  /** True of a user whom an earlier release removed, until their tokens have ended. */
  readonly wasRemoved: boolean;
}

/**
 * The parts of users in tenants. One who was a user before there were roles has none stored until
 * something changes: a group in the directory, which their token names, is all that there is.
 */
export interface Memberships {
  /** All of a user; strongly consistent, so that a removed user is refused at once. */
  of(user: string): Promise<UserStanding>;
  /** All in a tenant, ended ones too; strongly consistent. */
  in(tenant: TenantId): Promise<Membership[]>;
  /**
   * Takes an invitation up, which is open no more.
   *
   * @returns false, with nothing written, where it is not open as it was read
   */
  accept(invitation: Invitation, membership: Membership): Promise<boolean>;
  /** Writes a membership in the place of the one that there is: of another role, or ended. */
  put(membership: Membership): Promise<void>;
}

/** Access tokens last an hour. */
export const ENDED_KEPT_HOURS = 24;
