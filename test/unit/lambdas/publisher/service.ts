import { isOutage } from '#shared/adapters/aws/outage.ts';
import { shardNames, type Deployment } from '#shared/core/model/deployment.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label, ShardName } from '#shared/core/model/names.ts';
import type { InsyncRequest, PublishRequest } from '#shared/app/ports/queues.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import { recordKey } from '#shared/core/records/changes.ts';
import { desiredRecords } from '#shared/core/records/desired-records.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { publishAll } from '../../../../lambdas/publisher/publish-all.ts';
import type { PublisherEvent, PublisherPorts } from '../../../../lambdas/publisher/ports.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment as twoShards, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryPublicationStore } from '../../../fakes/publication-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { MemoryZone } from '../../../fakes/zone.ts';
import { MemoryZoneLeases } from '../../../fakes/zone-leases.ts';

export const deployment: Deployment = { ...twoShards, shards: 4 };
export const [s1, s2, s3, s4] = shardNames(deployment) as [
  ShardName,
  ShardName,
  ShardName,
  ShardName,
];

/** Seconds that a pass has before it must queue again what is left. */
const PASS_SECONDS = 40;

/** The publisher with everything about it in memory. */
export class PublisherService {
  readonly time = new FakeTime();
  readonly claims = new MemoryClaimStore();
  readonly publications = new MemoryPublicationStore();
  readonly revokedKeys = new MemoryRevokedKeys();
  readonly zone = new MemoryZone(shardNames(deployment));
  readonly leases = new MemoryZoneLeases();
  readonly revocationQueue = new MemoryQueue<PublishRequest>();
  readonly publishQueue = new MemoryQueue<PublishRequest>({ fifo: true });
  readonly insyncQueue = new MemoryQueue<InsyncRequest>();
  readonly events: PublisherEvent[] = [];
  readonly ports: PublisherPorts = {
    deployment,
    claims: this.claims,
    publications: this.publications,
    revokedKeys: this.revokedKeys,
    zone: this.zone,
    leases: this.leases,
    publishQueue: this.publishQueue,
    revocationQueue: this.revocationQueue,
    insyncQueue: this.insyncQueue,
    clock: this.time.clock,
    sleep: this.time.sleep,
    random: this.time.random,
    newName: () => `publisher ${(this.#names += 1)}`,
    isOutage,
    log: (event) => this.events.push(event),
  };

  #domains = 0;
  #names = 0;

  /** A claim of a domain of its own, in the store. */
  async givenClaim(changes: Partial<Claim> = {}): Promise<Claim> {
    this.#domains += 1;
    const domain = `d${this.#domains}.example.com` as DomainName;
    const claim = givenClaim({ domain, shard: s1, ...changes });
    await this.claims.create(claim, { pendingPerTenant: 1_000, claimsPerShard: 1_000 });
    return claim;
  }

  async change(before: Claim, changes: Partial<Claim>): Promise<Claim> {
    const next = { ...before, ...changes, version: before.version + 1 };
    await this.claims.update(before, next);
    return next;
  }

  /** One invocation with one message for each shard, or with the given messages. */
  publish(...claims: readonly Claim[]): Promise<number[]> {
    const shards = Map.groupBy(claims, ({ shard }) => shard);
    return this.deliver(
      [...shards].map(([shard, ofShard]) => ({ shard, labels: ofShard.map(({ label }) => label) })),
    );
  }

  deliver(requests: readonly PublishRequest[], ports = this.ports): Promise<number[]> {
    const deadline = this.time.clock.now().getTime() + PASS_SECONDS * 1_000;
    return publishAll(
      ports,
      requests.map((request) => JSON.stringify(request)),
      deadline,
    );
  }

  publication({ shard, label }: { shard: ShardName; label: Label }): Publication | undefined {
    return this.publications.items.get(`${shard} ${label}`);
  }

  published({ shard, label }: Claim): HostedRecord[] {
    return sorted(
      this.zone.records(shard).filter(({ name }) => name.endsWith(`.${label}.${shard}`)),
    );
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

export const sorted = (records: readonly HostedRecord[]): HostedRecord[] =>
  records.toSorted((a, b) => (recordKey(a) < recordKey(b) ? -1 : 1));

/** The records that a claim by itself wants in its zone. */
export const desired = (claim: Claim): HostedRecord[] =>
  sorted(desiredRecords(claim, new Set(), deployment));
