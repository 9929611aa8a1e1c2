import type { TenantId } from '#shared/core/model/names.ts';
import type { Role } from '#shared/core/model/roles.ts';

/**
 * A tenant's invitation of an address. It is kept beside the directory, so that no answer reveals
 * whether the address is known there; whoever has the address takes it up, and nobody else.
 */
export interface Invitation {
  readonly tenant: TenantId;
  /** In lower case. */
  readonly email: string;
  /** ISO 8601. */
  readonly invitedAt: string;
  /** Absent in those of earlier releases, whose users were members at once. */
  readonly role?: Role;
  /** The address of the user who invites; absent where an API key does. */
  readonly inviter?: string;
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
  /** Those of an address, by any tenant, that are to be taken up; strongly consistent. */
  to(email: string): Promise<Invitation[]>;
  /**
   * Takes an invitation off the list. When it was made is kept for a week, so that removing it does
   * not allow another at once.
   *
   * @param at ISO 8601
   */
  remove(tenant: TenantId, email: string, at: string): Promise<void>;
  /**
   * Counts a mail to an address, whoever invites.
   *
   * @param at ISO 8601
   * @returns false where it has had `most` on that day, UTC
   */
  countMail(email: string, at: string, most: number): Promise<boolean>;
}
