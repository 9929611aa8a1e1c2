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
  /**
   * Takes the place of an earlier one of the same address, removed or not.
   *
   * @param notAfter where the earlier one was made after this time, ISO 8601, nothing is written
   * @param revision of the list, where the invitation must be the first that is put since it was read
   * @returns when the earlier one was made, where nothing was written
   * @throws Conflict where another was put since
   */
  put(invitation: Invitation, notAfter: string, revision?: number): Promise<string | undefined>;
  /** Grows by one with every invitation that is put with it; strongly consistent. */
  revision(tenant: TenantId): Promise<number>;
  /** A tenant's; strongly consistent. */
  of(tenant: TenantId): Promise<Invitation[]>;
  /**
   * Takes an invitation off the list. When it was made is kept for a week, so that removing it does
   * not allow another at once.
   *
   * @param at ISO 8601
   */
  remove(tenant: TenantId, email: string, at: string): Promise<void>;
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
