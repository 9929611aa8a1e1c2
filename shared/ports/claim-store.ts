import type { Claim, ClaimKey, Holder } from '../domain/claim.ts';
import type { DomainName, Label, ShardName, TenantId } from '../domain/names.ts';

/** A claim with the holder of its domain, read in one consistent batch. */
export interface HeldClaim {
  readonly claim: Claim | undefined;
  readonly holder: Holder | undefined;
}

export interface ClaimPage {
  readonly claims: readonly Claim[];
  /** Opaque; undefined on the last page. */
  readonly cursor: string | undefined;
}

/** Everything about claims, holders and labels. Every write is conditional; none is a blind put. */
export interface ClaimStore {
  /**
   * Makes a claim, its label and its counters in one transaction.
   *
   * @throws Refusal `domain-already-claimed` (by this very tenant), `too-many-pending-claims`
   * @throws ShardFull where the shard took its last claim meanwhile
   * @throws Conflict where it lost a race and may be tried again
   */
  create(claim: Claim, limits: { pendingPerTenant: number; claimsPerShard: number }): Promise<void>;

  /** Strongly consistent. */
  get(key: ClaimKey): Promise<Claim | undefined>;

  /** The claim of a label, live or tombstone, wherever it now lies; strongly consistent. */
  getByLabel(label: Label): Promise<Claim | undefined>;
  getByLabels(labels: readonly Label[]): Promise<Map<Label, Claim>>;

  /** Claims with their holders, strongly consistent, one batch read for up to 50 keys. */
  getHeld(keys: readonly ClaimKey[]): Promise<HeldClaim[]>;

  holder(domain: DomainName): Promise<Holder | undefined>;

  /** A tenant's live and deleting claims by name; eventually consistent (index). @throws Refusal `invalid-cursor` */
  list(tenant: TenantId, page: { cursor?: string; limit: number }): Promise<ClaimPage>;

  /** Every claim of the deployment, tombstones left out, for planners; eventually consistent. */
  scan(page: { cursor?: string; limit: number }): Promise<ClaimPage>;

  /**
   * Writes `next` where the stored version is still `next.version - 1`. Keeps the tenant's count of
   * pending claims right when the status leaves `pending`.
   *
   * @throws Conflict
   */
  update(before: Claim, next: Claim): Promise<void>;

  /**
   * Moves the holder and both claims in one transaction: `next` becomes verified, the rival (the
   * present holder's claim) becomes lost.
   *
   * @throws Conflict where any of the three changed meanwhile
   */
  hold(before: Claim, next: Claim, now: string): Promise<void>;

  /** Ends the holding of a claim that is deleted, with the claim's own write. @throws Conflict */
  release(before: Claim, next: Claim): Promise<void>;

  /**
   * Moves a claim under its label as the tombstone and frees the tenant's key for a new claim.
   *
   * @returns whether it was the last claim of the domain, so that the SES identity can go
   * @throws Conflict
   */
  bury(before: Claim, tombstone: Claim): Promise<{ lastOfDomain: boolean }>;

  /** Whether any tenant has a claim of the domain that is not buried: its SES identity lives as long. */
  hasClaims(domain: DomainName): Promise<boolean>;

  /** Whether a claim, past or present, was ever made at, above or below the domain. */
  everClaimedAround(domain: DomainName): Promise<boolean>;

  /** Claims per shard, for choosing where a new one goes. */
  shardCounts(shards: readonly ShardName[]): Promise<Map<ShardName, number>>;
}

/** The shard reached its capacity between the choice and the write; choose another. */
export class ShardFull extends Error {
  constructor(shard: ShardName) {
    super(`shard ${shard} is full`);
    this.name = 'ShardFull';
  }
}
