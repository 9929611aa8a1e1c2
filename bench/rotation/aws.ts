import type { DynamoDBRecord } from 'aws-lambda';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import type { KeyAlgorithm, KeyContext, PastKey } from '#shared/core/model/key-ring.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import type { ChangeStatus } from '#shared/app/ports/zone.ts';
import {
  batchCost,
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_RECORDS,
} from '#shared/core/records/batches.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import type { Bill } from './bill.ts';
import type { Domains } from './domains.ts';
import { Quota } from './quota.ts';
import type { VirtualTime } from '../../test/support/virtual-time.ts';

/** Milliseconds that calls take. */
const LATENCY = { dynamo: 6, kms: 120, route53: 250, dns: 30 };
const INSYNC_MS = 60_000;
/** The simulation no longer asks for changes that were settled so long ago. */
const FORGET_MS = 5_000;
/** An item of 7 KB is two units of 4 KB to read, and 8 of 1 KB to write, twice that in a transaction. */
const CLAIM = { read: 2, write: 8 };
const PUBLICATION = { read: 1, write: 4 };
/** A label's item, a mark, a counter. */
const SMALL = { read: 1, write: 1 };

interface Surroundings {
  readonly time: VirtualTime;
  readonly bill: Bill;
  readonly domains: Domains;
}

/** Tables in memory that hold only what is under way: the rest is made from its number again. */
export class Tables {
  readonly stream: DynamoDBRecord[] = [];
  rotated = 0;
  /** The most claims that were under way, and so in memory, at a time. */
  mostHeld = 0;
  /** When the last record was noted as INSYNC, epoch milliseconds. */
  lastSettledAt = 0;
  readonly #around: Surroundings;
  readonly #claims = new Map<Label, Claim>();
  readonly #publications = new Map<Label, Publication>();
  readonly #settled: { label: Label; at: number }[] = [];
  #sequence = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async call(units: { reads?: number; writes?: number }): Promise<void> {
    const { bill, time } = this.#around;
    bill.add('DynamoDB calls');
    bill.add('DynamoDB read units', units.reads ?? 0);
    bill.add('DynamoDB write units', units.writes ?? 0);
    await time.sleep(LATENCY.dynamo);
  }

  #claim(label: Label): Claim {
    const { domains } = this.#around;
    return this.#claims.get(label) ?? domains.claim(domains.indexOfLabel(label));
  }

  readonly claims = {
    getByLabels: async (labels: readonly Label[]): Promise<Map<Label, Claim>> => {
      await this.call({ reads: labels.length * SMALL.read });
      await this.call({ reads: labels.length * CLAIM.read });
      return new Map(labels.map((label) => [label, this.#claim(label)]));
    },
    holder: async () => undefined,
    changeKeys: async (before: Claim, next: Claim, gone: readonly PastKey[]): Promise<void> => {
      await this.call({ writes: 2 * (CLAIM.write + gone.length * SMALL.write) });
      if (this.#claim(before.label).version !== before.version) throw new Conflict('a claim');
      this.#claims.set(next.label, next);
      this.mostHeld = Math.max(this.mostHeld, this.#claims.size);
      this.rotated += 1;
      this.#emit(next);
    },
  };

  #emit({ tenant, domain, shard, label }: Claim): void {
    this.#sequence += 1;
    this.stream.push({
      eventName: 'MODIFY',
      dynamodb: {
        Keys: { pk: { S: `tenant#${tenant}` }, sk: { S: `claim#${domain}` } },
        NewImage: { tenant: { S: tenant }, shard: { S: shard }, label: { S: label } },
        SequenceNumber: String(this.#sequence),
      },
    });
  }

  readonly publications = {
    get: async (_shard: ShardName, labels: readonly Label[]): Promise<Map<Label, Publication>> => {
      await this.call({ reads: labels.length * PUBLICATION.read });
      const { domains } = this.#around;
      return new Map(
        labels.map((label) => [
          label,
          this.#publications.get(label) ??
            domains.publication(domains.claim(domains.indexOfLabel(label))),
        ]),
      );
    },
    put: async (publication: Publication): Promise<void> => {
      await this.call({ writes: PUBLICATION.write });
      const { label } = publication;
      const stored = this.#publications.get(label)?.revision ?? publication.revision - 1;
      if (stored !== publication.revision - 1) throw new Conflict(`publication ${label}`);
      this.#publications.set(label, publication);
      const claim = this.#claims.get(label);
      const isSettled =
        Object.keys(publication.pending).length === 0 &&
        publication.uncertainSince === undefined &&
        publication.claimVersion === claim?.version;
      if (isSettled) {
        this.lastSettledAt = this.#around.time.now;
        this.#settled.push({ label, at: this.lastSettledAt });
      }
      this.#forget();
    },
    list: async () => unexpected('list'),
    labels: async (shard: ShardName, after?: Label) => {
      // A page is 1 MB of items, eventually consistent.
      await this.call({ reads: 128 });
      const { domains } = this.#around;
      const limit = 300;
      const labels = domains.labels(shard, after, limit);
      return { labels, cursor: labels.length === limit ? labels.at(-1) : undefined };
    },
  };

  readonly revokedKeys = {
    among: async (ids: readonly string[]): Promise<Set<string>> => {
      for (let start = 0; start < ids.length; start += 100) {
        await this.call({ reads: Math.min(100, ids.length - start) });
      }
      return new Set();
    },
    add: async () => unexpected('add'),
  };

  #forget(): void {
    const { time } = this.#around;
    while (this.#settled[0] !== undefined && this.#settled[0].at < time.now - FORGET_MS) {
      const { label } = this.#settled.shift()!;
      this.#claims.delete(label);
      this.#publications.delete(label);
    }
  }

  /** DNS as the customers have it, and ours behind it. */
  readonly resolver = {
    authoritative: async (name: string): Promise<readonly Lookup[]> => {
      const { time, bill } = this.#around;
      // The publisher finds the zone's name servers, then queries two of them.
      bill.add('DNS queries', 4);
      await time.sleep(2 * LATENCY.dns);
      const { target } = this.#slot(name);
      return [{ outcome: 'ok', values: [], cnames: [target] }];
    },
    lookupEverywhere: async (name: string): Promise<readonly Lookup[]> => {
      const { time, bill } = this.#around;
      bill.add('DNS queries', 3);
      await time.sleep(LATENCY.dns);
      const { target, text } = this.#slot(name);
      const lookup: Lookup = { outcome: 'ok', values: [text], cnames: [target] };
      return [lookup, lookup, lookup];
    },
  };

  #slot(name: string): { target: string; text: string } {
    const [, selector, index] = /^(\w+)\._domainkey\.d(\d+)\.example\.com$/.exec(name) ?? [];
    const claim = this.#around.domains.claim(Number(index));
    const key = claim.keys.find((each) => each.selector === selector)!;
    return {
      target: hostedKeyName(claim, key.selector),
      text: hostedKey(claim, key).values[0]!,
    };
  }
}

/** KMS: 20 RSA-2048 pairs a second. */
export class Kms implements KeyForge {
  /** When the first and the last pair was made, epoch milliseconds. */
  first: number | undefined;
  last = 0;
  readonly #around: Surroundings;
  readonly #quota: Quota;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#quota = new Quota(20, 20, around.time.now);
  }

  async generate(_algorithm: KeyAlgorithm, { keyId }: KeyContext) {
    const { time, bill } = this.#around;
    const { now } = time;
    if (!this.#quota.take(1, now)) {
      bill.add('KMS throttled');
      await time.sleep(5);
      throw new Throttled('KMS');
    }
    bill.add('KMS key pairs');
    this.first ??= now;
    this.last = now;
    await time.sleep(LATENCY.kms);
    return {
      publicKeySpki: Buffer.from(keyId.padStart(294, 'x')),
      wrappedPrivateKey: Buffer.alloc(1_275),
    };
  }
}

/** Route 53: 10 requests a second (50 at once), 100 changes a second (1,500 at once), a zone at a time. */
export class Route53 {
  readonly #around: Surroundings;
  readonly #requests: Quota;
  readonly #changes: Quota;
  readonly #busy = new Set<ShardName>();
  readonly #insyncAt = new Map<string, number>();
  #ids = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#requests = new Quota(50, 10, around.time.now);
    this.#changes = new Quota(1_500, 100, around.time.now);
  }

  async submit(shard: ShardName, changes: readonly RecordChange[]): Promise<string> {
    const { time, bill } = this.#around;
    bill.add('Route 53 ChangeResourceRecordSets');
    const { records, characters } = batchCost(changes);
    if (records > MAX_BATCH_RECORDS || characters > MAX_BATCH_CHARACTERS) {
      throw new Error(`a batch of ${records} records and ${characters} characters`);
    }
    const weight = changes.reduce((sum, { action }) => sum + (action === 'UPSERT' ? 2 : 1), 0);
    const isRefused =
      this.#busy.has(shard) ||
      !this.#requests.take(1, time.now) ||
      !this.#changes.take(weight, time.now);
    if (isRefused) return this.#throttle();
    this.#busy.add(shard);
    await time.sleep(LATENCY.route53);
    this.#busy.delete(shard);
    bill.add('Route 53 changes', weight);
    this.#ids += 1;
    const id = `C${this.#ids}`;
    this.#insyncAt.set(id, time.now + INSYNC_MS);
    return id;
  }

  async changeStatus(changeId: string): Promise<ChangeStatus> {
    const { time, bill } = this.#around;
    bill.add('Route 53 GetChange');
    if (!this.#requests.take(1, time.now)) return this.#throttle();
    await time.sleep(LATENCY.route53);
    if (time.now < (this.#insyncAt.get(changeId) ?? 0)) return 'pending';
    this.#insyncAt.delete(changeId);
    return 'insync';
  }

  async #throttle(): Promise<never> {
    this.#around.bill.add('Route 53 throttled');
    await this.#around.time.sleep(20);
    throw new Throttled('Route 53');
  }

  readonly list = async () => unexpected('list');
  readonly listLabel = async () => unexpected('listLabel');
}

function unexpected(what: string): never {
  throw new Error(`the simulation takes a path that it should not: ${what}`);
}
