import type { Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';

/** A record set in one of our zones. */
export interface HostedRecord {
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'TXT';
  /** Seconds. */
  readonly ttl: number;
  /** The text of each record, whole: splitting and escaping is Route 53's form, made in `txt.ts`. */
  readonly values: readonly string[];
}

/** The records of one kind that the service hosts for a claim. */
export interface HostedPart {
  /** The most record sets that one claim may come to have of them; a shard's capacity follows. */
  readonly most: number;
  /**
   * Lists them for a claim of any lifecycle but `expired`.
   *
   * @throws Refusal `spf-too-long`
   */
  readonly records: (claim: Claim, deployment: Deployment) => HostedRecord[];
}

/** The hosted part of a kind whose records need nothing of ours. */
export const hostsNothing: HostedPart = { most: 0, records: () => [] };

/**
 * The place of a claim's records: its label in its shard, the hosted name of the customer's domain.
 */
export type HostedName = Pick<Claim, 'label' | 'shard'>;

/** Returns the full name below a claim's hosted name. */
export const below = (prefix: string, { label, shard }: HostedName): string =>
  `${prefix}.${label}.${shard}`;

/**
 * Seconds. A key that is replaced or revoked must be gone from caches within the hour. Five minutes
 * let a new claim's records and an emergency's change appear everywhere about as soon as Route 53
 * has them in sync. A customer may have queried the new records too early.
 */
const TTL = 300;

/** Makes a hosted record of one text. */
export const hostedText = (name: string, text: string): HostedRecord => ({
  name,
  type: 'TXT',
  ttl: TTL,
  values: [text],
});

/**
 * Returns true if a claim is deleted for good, so that its records only serve names that still
 * point at them.
 */
export const isGone = ({ lifecycle }: Pick<Claim, 'lifecycle'>): boolean =>
  lifecycle === 'tombstone';
