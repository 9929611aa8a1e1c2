import { decodeCursor, encodeCursor } from '#shared/adapters/aws/cursor.ts';
import {
  countsAsPending,
  isParked,
  isSelfHosted,
  lostClaim,
  type Claim,
  type ClaimKey,
  type Holder,
} from '#shared/core/model/claim.ts';
import { isReclaimable } from '#shared/core/model/expiry.ts';
import { BudgetExceeded, Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import type { PastKey } from '#shared/core/model/key-ring.ts';
import {
  namesAbove,
  type DomainName,
  type Label,
  type ShardName,
  type TenantId,
} from '#shared/core/model/names.ts';
import { ShardFull, type ClaimStore } from '#shared/app/ports/claim-store.ts';
import { MemoryDisclosureStore } from './disclosure-store.ts';

const keyOf = ({ tenant, domain }: ClaimKey) => `${tenant} ${domain}`;

/** Claims in memory, by the rules of the port; each method is one step that nothing interleaves. */
export class MemoryClaimStore implements ClaimStore {
  readonly #claims = new Map<string, Claim>();
  readonly #labels = new Map<Label, ClaimKey & { tombstone?: Claim }>();
  readonly #holders = new Map<DomainName, Holder>();
  readonly #requests = new Map<string, DomainName>();
  readonly #shards = new Map<ShardName, number>();
  readonly #former = new Map<string, Label>();
  readonly #ever = new Set<DomainName>();
  readonly #below = new Set<DomainName>();
  readonly #pastKeys = new Map<Label, PastKey[]>();
  readonly disclosures = new MemoryDisclosureStore(this);

  async create(
    claim: Claim,
    limits: { pendingPerTenant: number; claimsPerShard: number },
    former?: Claim,
  ): Promise<void> {
    if (this.#claims.has(keyOf(claim))) {
      throw new Refusal('domain-already-claimed', `You claimed ${claim.domain} before.`);
    }
    this.#requireNewRequest(undefined, claim);
    this.#requireRoomForPending(claim.tenant, limits.pendingPerTenant);
    const count = this.#shards.get(claim.shard) ?? 0;
    if (count >= limits.claimsPerShard) throw new ShardFull(claim.shard);
    const label = this.#labels.get(claim.label);
    if (label?.tombstone?.version !== former?.version || label?.tenant !== former?.tenant) {
      throw new Conflict(`the claim of ${claim.domain}`);
    }
    if (former !== undefined) this.#former.delete(keyOf(claim));
    this.#shards.set(claim.shard, count + 1);
    this.#labels.set(claim.label, { tenant: claim.tenant, domain: claim.domain });
    this.#ever.add(claim.domain);
    for (const ancestor of namesAbove(claim.domain)) this.#below.add(ancestor);
    this.#write(undefined, claim);
  }

  async pendingCount(tenant: TenantId): Promise<number> {
    return this.#pendingOf(tenant);
  }

  async domainOfRequest(tenant: TenantId, key: string): Promise<DomainName | undefined> {
    return this.#requests.get(`${tenant} ${key}`);
  }

  async reclaimable(key: ClaimKey): Promise<Claim | undefined> {
    const label = this.#former.get(keyOf(key));
    const former = label && this.#labels.get(label)?.tombstone;
    return former && isReclaimable(former) ? former : undefined;
  }

  async get(key: ClaimKey): Promise<Claim | undefined> {
    return this.#claims.get(keyOf(key));
  }

  async getByLabel(label: Label): Promise<Claim | undefined> {
    const item = this.#labels.get(label);
    return item && (item.tombstone ?? this.#claims.get(keyOf(item)));
  }

  async getByLabels(labels: readonly Label[]): Promise<Map<Label, Claim>> {
    const found = new Map<Label, Claim>();
    for (const label of labels) {
      const claim = await this.getByLabel(label);
      if (claim) found.set(label, claim);
    }
    return found;
  }

  async getHeld(keys: readonly ClaimKey[]) {
    return keys.map((key) => ({
      claim: this.#claims.get(keyOf(key)),
      holder: this.#holders.get(key.domain),
    }));
  }

  async holder(domain: DomainName): Promise<Holder | undefined> {
    return this.#holders.get(domain);
  }

  async list(
    tenant: TenantId,
    { cursor, limit, prefix = '' }: { cursor?: string; limit: number; prefix?: string },
  ) {
    const name = `claims of ${tenant} ${prefix}`;
    const after = cursor === undefined ? '' : decodeCursor(name, cursor);
    const rest = [...this.#claims.values()]
      .filter(
        ({ tenant: owner, domain }) =>
          owner === tenant && domain > after && domain.startsWith(prefix),
      )
      .sort((a, b) => (a.domain < b.domain ? -1 : 1));
    const claims = rest.slice(0, limit);
    const last = claims.at(-1);
    return {
      claims,
      cursor: rest.length > limit && last ? encodeCursor(name, last.domain) : undefined,
    };
  }

  async scan({ cursor, limit }: { cursor?: string; limit: number }) {
    const after = cursor === undefined ? '' : decodeCursor('all claims', cursor);
    const rest = [...this.#claims.entries()]
      .filter(([key]) => key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      claims: page.map(([, claim]) => claim),
      cursor: rest.length > limit && last ? encodeCursor('all claims', last[0]) : undefined,
    };
  }

  async update(before: Claim, next: Claim, limits?: { pendingPerTenant: number }): Promise<void> {
    this.#requireUnchanged(before);
    this.#requireNewRequest(before, next);
    if (limits && countsAsPending(next) && !countsAsPending(before)) {
      this.#requireRoomForPending(next.tenant, limits.pendingPerTenant);
    }
    this.#write(before, next);
  }

  async changeKeys(
    before: Claim,
    next: Claim,
    gone: readonly PastKey[],
    toDisclose: readonly WaitingKey[] = [],
  ): Promise<void> {
    await this.update(before, next);
    for (const key of toDisclose) this.disclosures.add(key);
    this.#pastKeys.set(next.label, [
      ...(this.#pastKeys.get(next.label) ?? []),
      ...structuredClone(gone),
    ]);
  }

  async pastKeys(label: Label): Promise<PastKey[]> {
    return [...(this.#pastKeys.get(label) ?? [])];
  }

  async hold(before: Claim, next: Claim, now: string): Promise<void> {
    this.#requireUnchanged(before);
    const { domain, tenant, label } = next;
    const present = this.#holders.get(domain);
    this.#write(before, next);
    if (present?.label === label) return;
    const rival = present && this.#claims.get(keyOf(present));
    if (rival?.label === present?.label && rival && rival.status !== 'lost') {
      this.#write(rival, lostClaim(rival, now));
    }
    this.#holders.set(domain, { domain, tenant, label, since: now });
  }

  async release(before: Claim, next: Claim): Promise<void> {
    this.#requireUnchanged(before);
    this.#endHolding(before);
    this.#write(before, next);
  }

  async retire(before: Claim, retired: Claim): Promise<{ lastOfDomain: boolean }> {
    this.#requireUnchanged(before);
    const { tenant, domain, label, shard, idempotencyKey } = before;
    this.#endHolding(before);
    this.#claims.delete(keyOf(before));
    this.#labels.set(label, { tenant, domain, tombstone: retired });
    if (isReclaimable(retired)) this.#former.set(keyOf(retired), label);
    if (idempotencyKey !== undefined) this.#requests.delete(`${tenant} ${idempotencyKey}`);
    if (retired.lifecycle === 'expired') {
      this.#shards.set(shard, (this.#shards.get(shard) ?? 0) - 1);
    }
    return { lastOfDomain: !(await this.hasClaims(domain)) };
  }

  async selfHosted(domain: DomainName): Promise<Claim[]> {
    return [...this.#claims.values()].filter(
      (claim) => claim.domain === domain && isSelfHosted(claim),
    );
  }

  async hasClaims(domain: DomainName): Promise<boolean> {
    return [...this.#claims.values()].some((claim) => claim.domain === domain && !isParked(claim));
  }

  async everClaimedAround(domain: DomainName): Promise<boolean> {
    return (
      this.#below.has(domain) ||
      [domain, ...namesAbove(domain)].some((name) => this.#ever.has(name))
    );
  }

  async shardCounts(shards: readonly ShardName[]): Promise<Map<ShardName, number>> {
    return new Map(shards.map((shard) => [shard, this.#shards.get(shard) ?? 0]));
  }

  #write(before: Claim | undefined, next: Claim): void {
    if (next.idempotencyKey !== undefined && next.idempotencyKey !== before?.idempotencyKey) {
      this.#requests.delete(`${next.tenant} ${before?.idempotencyKey}`);
      this.#requests.set(`${next.tenant} ${next.idempotencyKey}`, next.domain);
    }
    this.#claims.set(keyOf(next), next);
  }

  #endHolding({ domain, label }: Claim): void {
    if (this.#holders.get(domain)?.label === label) this.#holders.delete(domain);
  }

  #requireUnchanged(before: Claim): void {
    const stored = this.#claims.get(keyOf(before));
    if (stored?.version !== before.version || stored.label !== before.label) {
      throw new Conflict(`the claim of ${before.domain}`);
    }
  }

  #requireNewRequest(before: Claim | undefined, { tenant, idempotencyKey: key }: Claim): void {
    if (key === undefined || key === before?.idempotencyKey) return;
    if (this.#requests.has(`${tenant} ${key}`)) {
      throw new Refusal('idempotency-key-reused', 'This Idempotency-Key was used before.');
    }
  }

  #pendingOf(tenant: TenantId): number {
    return [...this.#claims.values()].filter(
      (claim) => claim.tenant === tenant && countsAsPending(claim),
    ).length;
  }

  #requireRoomForPending(tenant: TenantId, limit: number): void {
    if (this.#pendingOf(tenant) >= limit) {
      throw new BudgetExceeded(
        'pending-claims',
        `You have ${limit} domains to verify.`,
        3_600,
        'too-many-pending-claims',
      );
    }
  }
}
