import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Claim } from '#shared/core/model/claim.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import {
  currentKey,
  type KeyAlgorithm,
  type KeyContext,
  type PastKey,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import type { DomainName, KeyId, Label, Selector, ShardName } from '#shared/core/model/names.ts';
import { periodOf } from '#shared/core/model/rotation.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type {
  CheckRequest,
  IdentityRequest,
  InsyncRequest,
  PublishRequest,
} from '#shared/app/ports/queues.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type { ChangeStatus, Zone } from '#shared/app/ports/zone.ts';
import { recordKey, type RecordChange } from '#shared/core/records/changes.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import type { BatchEvent, RotationEvent } from '#shared/app/rotation/ports.ts';
import { pollAll } from '../../../../lambdas/insync/poll.ts';
import { publishAll } from '../../../../lambdas/publisher/publish-all.ts';
import type { PublisherPorts } from '../../../../lambdas/publisher/ports.ts';
import { routeChanges } from '../../../../lambdas/claim-change-router/route-changes.ts';
import { advance, begin } from '../../../../lambdas/rotation-planner/advance.ts';
import type { PlannerEvent, PlannerPorts } from '../../../../lambdas/rotation-planner/ports.ts';
import { retryBacklog } from '../../../../lambdas/rotation-planner/retry.ts';
import type { WorkerEvent, WorkerPorts } from '../../../../lambdas/rotation-worker/ports.ts';
import { workAll } from '../../../../lambdas/rotation-worker/work.ts';
import { signingPermissions } from '../../../../lambdas/signer/signing-permission.ts';
import { DAY_MS as DAY, HOUR_MS as HOUR } from '#shared/core/time.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryPublicationStore } from '../../../fakes/publication-store.ts';
import { MemoryQueue, type Sent } from '../../../fakes/queue.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';
import { MemoryRotationBacklog } from '../../../fakes/rotation-backlog.ts';
import { MemoryRotationRateLimiter } from '../../../fakes/rotation-rate-limiter.ts';
import { MemoryRotationRuns } from '../../../fakes/rotation-runs.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { MemoryZone } from '../../../fakes/zone.ts';
import { MemoryZoneLeases } from '../../../fakes/zone-leases.ts';

export { DAY, HOUR };
/** Six times the worker's timeout. */
const VISIBILITY_MS = 18 * 60_000;
const WORKER_MS = 180_000;
const MAX_RECEIVES = 5;
const limits = { pendingPerTenant: 10_000, claimsPerShard: 10_000 };

/** Claims in memory, each write of which comes out of the stream. */
class StreamedClaims extends MemoryClaimStore {
  readonly stream: DynamoDBRecord[] = [];
  /** Every claim as it was written, in order. */
  readonly written: Claim[] = [];
  writes = 0;

  override async create(claim: Claim, given = limits): Promise<void> {
    await super.create(claim, given);
    this.#emit('INSERT', claim);
  }

  override async update(before: Claim, next: Claim): Promise<void> {
    await super.update(before, next);
    this.writes += 1;
    this.written.push(next);
    this.#emit('MODIFY', next);
  }

  override async hold(before: Claim, next: Claim, now: string): Promise<void> {
    await super.hold(before, next, now);
    this.#emit('MODIFY', next);
  }

  #emit(eventName: 'INSERT' | 'MODIFY', { tenant, domain, shard, label }: Claim): void {
    this.stream.push({
      eventName,
      dynamodb: {
        Keys: { pk: { S: `tenant#${tenant}` }, sk: { S: `claim#${domain}` } },
        NewImage: { tenant: { S: tenant }, shard: { S: shard }, label: { S: label } },
        SequenceNumber: String(this.stream.length),
      },
    });
  }
}

/** A zone whose changes are seen, and INSYNC, a minute after they were accepted. */
export class SlowZone implements Zone {
  readonly inner: MemoryZone;
  /** The answers of DNS, by name. */
  readonly visible = new Map<string, string>();
  /** Planted: changes accepted from now on are never seen. */
  stuck = false;
  upserts = 0;
  readonly #clock: { now(): Date };
  readonly #coming: { at: number; changeId: string; changes: readonly RecordChange[] }[] = [];
  readonly #insync = new Set<string>();

  constructor(shards: readonly ShardName[], clock: { now(): Date }) {
    this.inner = new MemoryZone(shards);
    this.#clock = clock;
  }

  async submit(shard: ShardName, changes: readonly RecordChange[]): Promise<string> {
    const changeId = await this.inner.submit(shard, changes);
    this.upserts += changes.filter(({ action }) => action === 'UPSERT').length;
    const at = this.stuck ? Infinity : this.#clock.now().getTime() + 60_000;
    this.#coming.push({ at, changeId, changes });
    return changeId;
  }

  async changeStatus(changeId: string): Promise<ChangeStatus> {
    await this.inner.changeStatus(changeId);
    this.settle();
    return this.#insync.has(changeId) ? 'insync' : 'pending';
  }

  list(shard: ShardName, cursor?: string) {
    return this.inner.list(shard, cursor);
  }

  listLabel(shard: ShardName, label: Label) {
    return this.inner.listLabel(shard, label);
  }

  /** Changes that Route 53 kept back are seen at last. */
  release(): void {
    this.stuck = false;
    for (const each of this.#coming) each.at = Math.min(each.at, this.#clock.now().getTime());
  }

  settle(): void {
    const now = this.#clock.now().getTime();
    while (this.#coming[0] !== undefined && this.#coming[0].at <= now) {
      const { changeId, changes } = this.#coming.shift()!;
      this.#insync.add(changeId);
      for (const { action, record } of changes) {
        if (action === 'DELETE') this.visible.delete(record.name);
        else this.visible.set(record.name, record.values[0]!);
      }
    }
  }
}

/** A customer's record at one name. */
export type CustomerEntry = { readonly cname: string } | { readonly txt: string };

/** The customers' DNS before ours, and three resolvers of which some may be down or wrong. */
export class TestDns implements Resolver {
  readonly customers = new Map<string, CustomerEntry>();
  /** Resolvers, by index, that do not answer. */
  readonly down = new Set<number>();
  /** Resolvers, by index, with planted answers. */
  readonly lies = new Map<number, (name: string) => string | undefined>();
  /** Domains whose own servers do not answer. */
  readonly silent = new Set<string>();
  readonly #zone: SlowZone;

  constructor(zone: SlowZone) {
    this.#zone = zone;
  }

  /** The answer of an honest resolver. */
  honest(name: string): Lookup {
    const entry = this.customers.get(name);
    if (entry === undefined) return { outcome: 'nxdomain', values: [], cnames: [] };
    if ('txt' in entry) return { outcome: 'ok', values: [entry.txt], cnames: [] };
    this.#zone.settle();
    const text = this.#zone.visible.get(entry.cname);
    return text === undefined
      ? { outcome: 'nxdomain', values: [], cnames: [entry.cname] }
      : { outcome: 'ok', values: [text], cnames: [entry.cname] };
  }

  async lookupEverywhere(name: string, _type: RecordType): Promise<readonly Lookup[]> {
    return [0, 1, 2].map((resolver) => {
      if (this.down.has(resolver)) return { outcome: 'unknown', values: [], cnames: [] };
      const lie = this.lies.get(resolver)?.(name);
      const honest = this.honest(name);
      return lie === undefined ? honest : { ...honest, outcome: 'ok', values: [lie] };
    });
  }

  async lookup(name: string, type: RecordType): Promise<Lookup> {
    return (await this.lookupEverywhere(name, type))[0]!;
  }

  /** Servers of the customer's domain that are behind: they answer for the name as it was. */
  readonly behind = new Map<string, readonly (CustomerEntry | undefined)[]>();
  /** Names at which the customer's servers fail (SERVFAIL). */
  readonly failing = new Set<string>();

  async delegatedTo(): Promise<readonly Lookup[]> {
    return [];
  }

  async authoritative(name: string, _type: RecordType): Promise<readonly Lookup[]> {
    const answers = this.#ownAnswers(name);
    if (!this.failing.has(name)) {
      return [...answers, ...(this.behind.get(name) ?? []).map((entry) => answerOf(entry))];
    }
    const failed: Lookup = { outcome: 'unknown', values: [], cnames: [] };
    return answers.map(() => failed);
  }

  /** Those of two servers: the customer's, or ours for a name that no customer has. */
  #ownAnswers(name: string): readonly Lookup[] {
    const domain = name.slice(name.indexOf('._domainkey.') + '._domainkey.'.length);
    if (this.silent.has(domain)) return [];
    if (name.includes('._domainkey.') && !this.customers.has(name)) {
      this.#zone.settle();
      const text = this.#zone.visible.get(name);
      if (text !== undefined) return twice({ outcome: 'ok', values: [text], cnames: [] });
    }
    return twice(answerOf(this.customers.get(name)));
  }

  async delegation(): Promise<never> {
    throw new Error('the rotation asks nothing of delegations');
  }
}

const twice = (lookup: Lookup): readonly Lookup[] => [lookup, lookup];

const answerOf = (entry: CustomerEntry | undefined): Lookup => {
  if (entry === undefined) return { outcome: 'nxdomain', values: [], cnames: [] };
  return 'txt' in entry
    ? { outcome: 'ok', values: [entry.txt], cnames: [] }
    : { outcome: 'ok', values: [], cnames: [entry.cname] };
};

/** Makes keys of which only the public text matters, at once. */
export class PaperForge implements KeyForge {
  pairs = 0;
  /** Errors that the next calls fail with, one each. */
  readonly failing: Error[] = [];
  /** Planted: all calls fail so while it is set. */
  out: Error | undefined;

  async generate(_algorithm: KeyAlgorithm, { keyId }: KeyContext) {
    const failure = this.out ?? this.failing.shift();
    if (failure !== undefined) throw failure;
    this.pairs += 1;
    return {
      publicKeySpki: Buffer.from(`public ${keyId}`),
      wrappedPrivateKey: Buffer.from(`wrapped ${keyId}`),
    };
  }
}

/** A mail on paper: which key signed it, and where receivers query that. */
export interface SentMail {
  readonly domain: DomainName;
  readonly selector: Selector;
  readonly keyId: KeyId;
  readonly publicKey: string;
  readonly at: number;
  /** Since when the key has been the one that signs, epoch milliseconds. */
  readonly signingSince: number;
}

export class Outage extends Error {
  constructor() {
    super('connect ECONNREFUSED');
  }
}

type TestEvent = RotationEvent | BatchEvent | WorkerEvent | PlannerEvent;

/** An event at a time. */
interface Happening {
  readonly at: number;
  readonly what: () => Promise<void>;
}

/**
 * The service from planner to DNS, on virtual time: the real planner, worker, claim-change-router,
 * publisher and INSYNC poll between ports in memory.
 */
export class TestEnvironment {
  readonly time: FakeTime;
  readonly claims = new StreamedClaims();
  readonly publications = new MemoryPublicationStore();
  readonly revokedKeys = new MemoryRevokedKeys();
  readonly backlog = new MemoryRotationBacklog();
  readonly runs = new MemoryRotationRuns();
  readonly rateLimiter = new MemoryRotationRateLimiter();
  readonly rotationQueue = new MemoryQueue<RotationRequest>();
  readonly revocationQueue = new MemoryQueue<PublishRequest>();
  readonly publishQueue = new MemoryQueue<PublishRequest>({ fifo: true });
  readonly insyncQueue = new MemoryQueue<InsyncRequest>();
  readonly identityQueue = new MemoryQueue<IdentityRequest>();
  readonly checks = new MemoryCheckStore();
  readonly checkQueue = new MemoryQueue<CheckRequest>();
  readonly zone: SlowZone;
  readonly dns: TestDns;
  readonly forge: KeyForge;
  readonly paper = new PaperForge();
  readonly events: TestEvent[] = [];
  readonly dead: RotationRequest[] = [];
  readonly workerPorts: WorkerPorts;
  readonly plannerPorts: PlannerPorts;
  readonly publisherPorts: PublisherPorts;
  /** Given the worker's ports for each of its invocations: a test lets one die. */
  embody: (ports: WorkerPorts) => WorkerPorts = (ports) => ports;

  readonly #happenings: Happening[] = [];
  #routed = 0;
  #domains = 0;

  constructor({
    start = '2026-01-01T00:00:00.000Z',
    forge,
  }: { start?: string; forge?: KeyForge } = {}) {
    this.time = new FakeTime(start);
    const { clock, sleep, random } = this.time;
    this.zone = new SlowZone(shardNames(deployment), clock);
    this.dns = new TestDns(this.zone);
    this.forge = forge ?? this.paper;
    const log = (event: TestEvent) => this.events.push(event);
    const retryTime = { clock, sleep, random };
    this.workerPorts = {
      claims: this.claims,
      publications: this.publications,
      revokedKeys: this.revokedKeys,
      backlog: this.backlog,
      runs: this.runs,
      rateLimiter: this.rateLimiter,
      claimsPerSecond: 16,
      resolver: this.dns,
      forge: this.forge,
      rotationQueue: this.rotationQueue,
      checks: this.checks,
      retryTime,
      random: { bytes: randomBytes },
      isOutage: (error) => error instanceof Outage || error instanceof Throttled,
      log,
    };
    this.plannerPorts = {
      deployment,
      claims: this.claims,
      publications: this.publications,
      runs: this.runs,
      backlog: this.backlog,
      rotationQueue: this.rotationQueue,
      clock,
      sleep: () => Promise.reject(new Error('this world calls the planner every minute')),
      settings: { ownDomains: [], claimsPerSecond: 16, watchMinutes: 60 },
      log,
    };
    this.publisherPorts = {
      deployment,
      claims: this.claims,
      publications: this.publications,
      revokedKeys: this.revokedKeys,
      zone: this.zone,
      leases: new MemoryZoneLeases(),
      publishQueue: this.publishQueue,
      revocationQueue: this.revocationQueue,
      insyncQueue: this.insyncQueue,
      ...retryTime,
      newName: randomUUID,
      isOutage: (error) => error instanceof Outage || error instanceof Throttled,
      log: (event) => {
        if (event.kind === 'failed') throw event.error;
      },
    };
  }

  get now(): Date {
    return this.time.clock.now();
  }

  /** A claim whose customer has put all its records in place, verified at once, published a minute later. */
  async givenVerified(changes: Partial<Claim> = {}): Promise<Claim> {
    this.#domains += 1;
    const at = this.now.toISOString();
    const domain = `d${this.#domains}.example.com` as DomainName;
    const born = givenClaim({ domain, createdAt: at, ...changes });
    const keys = born.keys.map((key, index) => ({
      ...key,
      publicKey: Buffer.from(`public ${key.id}`).toString('base64'),
      ...(index === 0 ? { firstSignedAt: at } : {}),
      ...changes.keys?.[index],
    })) as unknown as Claim['keys'];
    const claim: Claim = { ...born, keys, status: 'pending' };
    await this.claims.create(claim, limits);
    const next: Claim = {
      ...claim,
      version: 2,
      status: 'verified',
      statusSince: at,
      verifiedAt: at,
    };
    await this.claims.hold(claim, next, at);
    for (const { selector } of next.keys) this.restore(next, selector);
    await this.settle();
    return next;
  }

  /** The customer's record at a slot, as it should be. */
  restore(claim: Claim, selector: Selector): void {
    this.dns.customers.set(slotName(claim, selector), {
      cname: hostedKeyName(claim, selector),
    });
  }

  breakSlot(claim: Claim, selector: Selector, entry?: CustomerEntry): void {
    const name = slotName(claim, selector);
    if (entry === undefined) this.dns.customers.delete(name);
    else this.dns.customers.set(name, entry);
  }

  async claim({ label }: { label: Label }): Promise<Claim> {
    return (await this.claims.getByLabel(label))!;
  }

  pastKeys({ label }: { label: Label }): Promise<PastKey[]> {
    return this.claims.pastKeys(label);
  }

  /** `id-state` of the three slots, ids numbered by the first time they are seen. */
  async states(claim: { label: Label }): Promise<string[]> {
    return (await this.claim(claim)).keys.map(({ selector, state }) => `${selector} ${state}`);
  }

  /** The published text of a slot, as the zone holds it. */
  published(claim: Claim, { selector }: Pick<RingKey, 'selector'>): HostedRecord | undefined {
    const name = hostedKeyName(claim, selector);
    return this.zone.inner
      .records(claim.shard)
      .find((record) => recordKey(record) === recordKey({ name, type: 'TXT' }));
  }

  at(time: number, what: () => Promise<void> | void): void {
    // Behind all that come before it or at the same time.
    let [low, high] = [0, this.#happenings.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#happenings[middle]!.at <= time) low = middle + 1;
      else high = middle;
    }
    this.#happenings.splice(low, 0, { at: time, what: async () => what() });
  }

  /** Starts the run of the month as the Scheduler would, and goes on with it every minute. */
  schedule(scheduledTime: string): void {
    this.at(Date.parse(scheduledTime), () => this.start(scheduledTime));
  }

  /** One call of the monthly schedule, for the time that it was scheduled for. */
  async start(scheduledTime: string): Promise<void> {
    await begin(this.plannerPorts, periodOf(scheduledTime));
    await this.#tick();
  }

  /** One call of the schedule of every minute. */
  continue(): Promise<void> {
    return advance(this.plannerPorts, this.now.getTime() + 1);
  }

  async #tick(): Promise<void> {
    await this.continue();
    const run = await this.runs.latest();
    if (run === undefined || run.finishedAt !== undefined || run.halted !== undefined) return;
    this.at(this.now.getTime() + 60_000, () => this.#tick());
  }

  resume(): Promise<void> {
    return this.#tick();
  }

  retry(): Promise<void> {
    return retryBacklog(this.plannerPorts);
  }

  /** Lets everything happen until a time. */
  async until(time: string | number): Promise<void> {
    const end = typeof time === 'number' ? time : Date.parse(time);
    for (;;) {
      this.#collect();
      const next = this.#happenings[0];
      if (next === undefined || next.at > end) break;
      this.#happenings.shift();
      this.#moveTo(next.at);
      await next.what();
    }
    this.#moveTo(end);
  }

  advance(milliseconds: number): Promise<void> {
    return this.until(this.now.getTime() + milliseconds);
  }

  /** Long enough for everything that is under way to be published and INSYNC. */
  settle(): Promise<void> {
    return this.advance(10 * 60_000);
  }

  #moveTo(time: number): void {
    const ahead = time - this.now.getTime();
    if (ahead > 0) this.time.advance(ahead);
  }

  /** Puts what was sent, and what came out of the stream, in its place in time. */
  #collect(): void {
    const now = this.now.getTime();
    const fresh = this.claims.stream.slice(this.#routed);
    this.#routed = this.claims.stream.length;
    if (fresh.length > 0) this.at(now + 1_000, () => this.#routeChanges(fresh));
    for (const { request, delaySeconds } of this.rotationQueue.take()) {
      this.at(now + delaySeconds * 1_000, () => this.#rotate(request, 1));
    }
    const asked = [...this.revocationQueue.take(), ...this.publishQueue.take()];
    if (asked.length > 0) this.at(now, () => this.#publish(asked));
    for (const { request, delaySeconds } of this.insyncQueue.take()) {
      this.at(now + delaySeconds * 1_000, async () => {
        await pollAll(
          {
            publications: this.publications,
            zone: this.zone,
            insyncQueue: this.insyncQueue,
            clock: this.time.clock,
            publishHostedEvents: async () => {},
            log: (event) => {
              if (event.kind === 'failed') throw event.error;
            },
          },
          [JSON.stringify(request)],
        );
      });
    }
  }

  async #routeChanges(records: DynamoDBRecord[]): Promise<void> {
    const { publishQueue, revocationQueue, identityQueue, checkQueue } = this;
    await routeChanges(
      {
        publishQueue,
        revocationQueue,
        identityQueue,
        checkQueue,
        log: ({ error }) => {
          throw error;
        },
      },
      records,
    );
  }

  async #publish(asked: readonly Sent<PublishRequest>[]): Promise<void> {
    const bodies = asked.map(({ request }) => JSON.stringify(request));
    await publishAll(this.publisherPorts, bodies, this.now.getTime() + 40_000);
  }

  async #rotate(request: RotationRequest, receives: number): Promise<void> {
    const ports = this.embody(this.workerPorts);
    const deadline = this.now.getTime() + WORKER_MS;
    const failed = await workAll(ports, [JSON.stringify(request)], deadline);
    if (failed.length === 0) return;
    if (receives === MAX_RECEIVES) this.dead.push(request);
    else {
      this.at(this.now.getTime() + VISIBILITY_MS, () => this.#rotate(request, receives + 1));
    }
  }

  /**
   * Returns the key that the signer would use for a mail of the domain now; undefined where it
   * waits or is refused.
   */
  async send({ tenant, domain }: Claim): Promise<SentMail | undefined> {
    const [sendPermission] = await signingPermissions(
      { claims: this.claims, revokedKeys: this.revokedKeys },
      { unsignedAllowed: new Set() },
      [{ tenant, domain } as never],
    );
    if (sendPermission?.kind !== 'signed') return undefined;
    const { id, selector, publicKey, since, createdAt } = sendPermission.key;
    const signingSince = Date.parse(since ?? createdAt);
    return { domain, selector, keyId: id, publicKey, at: this.now.getTime(), signingSince };
  }

  /** Returns true if receivers find the key of a mail in the present DNS. */
  verifies({ domain, selector, publicKey }: SentMail): boolean {
    const { values } = this.dns.honest(`${selector}._domainkey.${domain}`);
    return values.length === 1 && values[0] === `v=DKIM1; k=rsa; p=${publicKey}`;
  }
}

export const slotName = ({ domain }: Pick<Claim, 'domain'>, selector: Selector): string =>
  `${selector}._domainkey.${domain}`;

export const currentOf = (claim: Claim): RingKey => currentKey(claim.keys)!;
