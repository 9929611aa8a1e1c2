import type { TenantId } from '#shared/core/model/names.ts';

/**
 * - `invited`: was sent a first password, and has not signed in yet.
 * - `active`: signs in with a password of their own.
 * - `disabled`: shut out by the operator.
 */
export const userStates = ['invited', 'active', 'disabled'] as const;
export type UserState = (typeof userStates)[number];

/** A person who may use the dashboard for a tenant. */
export interface DirectoryUser {
  /** By which tokens name the user; never used again for another. */
  readonly id: string;
  /** In lower case. */
  readonly email: string;
  readonly state: UserState;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Who invites, for the mail. */
export interface Inviter {
  /** The tenant's name. */
  readonly account: string;
  /** The user's address; absent where an API key invites. */
  readonly user?: string;
}

/** The users who may sign in to the dashboard; every user belongs to one tenant for good. */
export interface UserDirectory {
  /** A tenant's users. */
  members(tenant: TenantId): Promise<DirectoryUser[]>;
  /**
   * Makes a user of the tenant and sends them a first password, or another one to a user who has
   * not signed in yet. An address of another tenant stays as it is, and the result does not reveal
   * it.
   *
   * @param email in lower case
   * @param from named by the mail, and by those sent again; it stays as it was at first
   * @throws Throttled
   */
  invite(tenant: TenantId, email: string, from: Inviter): Promise<void>;
  /**
   * Ends a user of the tenant; one that is gone, or is another tenant's, stays as it is.
   *
   * @throws Throttled
   */
  remove(tenant: TenantId, id: string): Promise<void>;
}
