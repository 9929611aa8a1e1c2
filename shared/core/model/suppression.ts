import { createHash } from 'node:crypto';
import type { MessageId, TenantId } from './names.ts';

/**
 * Why a tenant's mail is not sent to an address.
 *
 * - `bounce`: its server refused it for good.
 * - `complaint`: its reader reported mail of the tenant as spam.
 * - `manual`: the tenant put it on the list.
 */
export const suppressionReasons = ['bounce', 'complaint', 'manual'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/** An address that mail of a tenant is not sent to. */
export interface Suppression {
  readonly tenant: TenantId;
  /** As {@link suppressedAddress} writes it. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** ISO 8601. */
  readonly addedAt: string;
  /** The mail that bounced or was complained about. */
  readonly message?: MessageId;
  /** The words of the receiver or of SES. */
  readonly detail?: string;
}

/** What the API and SMTP say of a recipient that a mail is not sent to. */
export const ON_SUPPRESSION_LIST =
  'The address is on your suppression list; remove it there to send to it again.';

/**
 * Writes an address as the list has it: in lower case. RFC 5321 §2.4 lets a server distinguish local
 * parts by their case, but few do, and bounces come back in a case of their own.
 */
export const suppressedAddress = (address: string): string => address.toLowerCase();

/**
 * Returns the key of an address on a tenant's list. It is a digest, different for every
 * tenant, so that an entry can be kept without its address.
 */
export const suppressionDigest = (tenant: TenantId, address: string): string =>
  createHash('sha256')
    .update(`${tenant}\n${suppressedAddress(address)}`)
    .digest('hex');
