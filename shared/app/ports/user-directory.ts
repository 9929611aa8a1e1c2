import type { TenantId } from '#shared/core/model/names.ts';

/**
 * - `invited`: was sent a first password, and has not signed in yet.
 * - `active`: signs in with a password of their own.
 * - `disabled`: shut out by the operator.
 */
export const userStates = ['invited', 'active', 'disabled'] as const;
export type UserState = (typeof userStates)[number];

/** A person who may use the dashboard. */
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

/** The people who may sign in to the dashboard. */
export interface UserDirectory {
  /** Those who were users of a tenant before there were memberships. */
  members(tenant: TenantId): Promise<DirectoryUser[]>;
  /**
   * Sends a first password to an address that is nobody's yet, or another one to who has not signed
   * in. It makes nobody a member. The result does not reveal if the address is known.
   *
   * @param email in lower case
   * @param from named by the mail
   * @throws Throttled
   */
  invite(email: string, from: Inviter): Promise<void>;
  /** The address of a user, where it is known to be theirs. @throws Throttled */
  addressOf(id: string): Promise<string | undefined>;
  /**
   * Takes a user out of the tenant; one that is gone, or was in none, stays as it is.
   *
   * @param isWanted true if others wait for the user, who then can sign in on; else one who is in
   *   nothing else is deleted
   * @throws Throttled
   */
  remove(tenant: TenantId, id: string, isWanted: boolean): Promise<void>;
}
