import type { Claim, ClaimKey, Holder } from '#shared/core/model/claim.ts';
import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import type { PastKey } from '#shared/core/model/key-ring.ts';
import type { DomainName, Label, ShardName, TenantId } from '#shared/core/model/names.ts';

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
   * Makes a claim, its label and its counters in one transaction, and notes its idempotency key.
   *
   * @throws Refusal `domain-already-claimed` (by this very tenant), `too-many-pending-claims`,
   *   `idempotency-key-reused` (for another domain)
   * @throws ShardFull where the shard took its last claim meanwhile
   * @param former the retired claim of `reclaimable` whose label it takes over
   * @throws Conflict where it lost a race and may be tried again
   */
  create(
    claim: Claim,
    limits: { pendingPerTenant: number; claimsPerShard: number },
    former?: Claim,
  ): Promise<void>;

  /**
   * The tenant's last claim of the domain that expired without ever being proven, whose label the
   * same tenant may have again; strongly consistent.
   */
  reclaimable(key: ClaimKey): Promise<Claim | undefined>;

  /** Counts a tenant's pending claims; strongly consistent. */
  pendingCount(tenant: TenantId): Promise<number>;

  /**
   * The domain that a request with this Idempotency-Key claimed.
   *
   * @param idempotencyKey SHA-256, hex, as on the claim
   */
  domainOfRequest(tenant: TenantId, idempotencyKey: string): Promise<DomainName | undefined>;

  /** The tenant's own claim of a domain, retired claims left out; strongly consistent. */
  get(key: ClaimKey): Promise<Claim | undefined>;

  /** The claim of a label, live or retired, wherever it is stored; strongly consistent. */
  getByLabel(label: Label): Promise<Claim | undefined>;
  /** Likewise for many; labels that never were are left out. */
  getByLabels(labels: readonly Label[]): Promise<Map<Label, Claim>>;

  /**
   * Claims with their holders, strongly consistent, one batch read for up to 50 keys.
   *
   * @param age `recent`: as they were at most some seconds ago, for half the price
   */
  getHeld(keys: readonly ClaimKey[], age?: 'latest' | 'recent'): Promise<HeldClaim[]>;

  holder(domain: DomainName): Promise<Holder | undefined>;

  /**
   * A tenant's live and deleting claims by name; strongly consistent.
   *
   * @param page `prefix`: only domains that begin with it; a cursor holds for the same prefix only
   * @throws Refusal `invalid-cursor`
   */
  list(
    tenant: TenantId,
    page: { cursor?: string; limit: number; prefix?: string },
  ): Promise<ClaimPage>;

  /**
   * Every claim of the deployment, retired claims left out, for planners; eventually consistent. A page
   * may be empty and still have a cursor. @throws Refusal `invalid-cursor`
   */
  scan(page: { cursor?: string; limit: number }): Promise<ClaimPage>;

  /**
   * Writes `next` where the stored version is still `before.version`. Keeps the tenant's count of
   * pending claims right, and its idempotency key where that is another.
   *
   * @param limits given where the claim may come to be pending again
   * @throws Conflict
   * @throws Refusal `too-many-pending-claims`, `idempotency-key-reused`
   */
  update(before: Claim, next: Claim, limits?: { pendingPerTenant: number }): Promise<void>;

  /**
   * Writes `next` where the stored version is still `before.version`. The same transaction writes
   * the keys that left its ring into its label's history.
   *
   * @param toDisclose those whose private halves are kept to be published later; destroyed all the
   * same where the deployment discloses none
   * @throws Conflict
   */
  changeKeys(
    before: Claim,
    next: Claim,
    gone: readonly PastKey[],
    toDisclose?: readonly WaitingKey[],
  ): Promise<void>;

  /** The keys that left the ring of a label, in no particular order; kept for ever, strongly consistent. */
  pastKeys(label: Label): Promise<PastKey[]>;

  /**
   * Moves the holder and both claims in one transaction. It writes `next` as given, makes its
   * tenant and label the holder, and the rival (the present holder's claim) lost. Where the claim
   * holds the domain already, `since` stays as it was.
   *
   * @throws Conflict where any of the three changed meanwhile
   */
  hold(before: Claim, next: Claim, now: string): Promise<void>;

  /**
   * Ends the holding of a claim that is deleted, with the claim's own write; a claim that does not
   * hold its domain is just written. @throws Conflict
   */
  release(before: Claim, next: Claim): Promise<void>;

  /**
   * Moves a claim under its label as the retired claim (`tombstone` or `expired`) and frees the
   * tenant's key for a new claim. Notes the label of one that may be claimed again. A retired claim goes on counting for its shard, where its records
   * stay; an expired claim does not.
   *
   * @returns whether it was the last claim of the domain, so that the SES identity can go
   * @throws Conflict
   */
  retire(before: Claim, retired: Claim): Promise<{ lastOfDomain: boolean }>;

  /**
   * The claims of a domain that host their keys themselves, of all tenants; strongly consistent.
   */
  selfHosted(domain: DomainName): Promise<Claim[]>;

  /**
   * Returns true if any tenant has a claim of the domain that is not retired: its SES identity
   * lives as long.
   */
  hasClaims(domain: DomainName): Promise<boolean>;

  /** Returns true if a claim, past or present, was ever made at, above or below the domain. */
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
