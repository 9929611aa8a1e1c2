import { createHash } from 'node:crypto';
import { runCheck } from '#shared/app/checks/run-check.ts';
import { sendIdentityRequests, turnOf } from '#shared/app/identity-views.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import { routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import { isProven, lostClaim, type Claim } from '#shared/core/model/claim.ts';
import { PENDING_DAYS } from '#shared/core/model/expiry.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { maintainAll } from '../../../../lambdas/identities/maintain.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRotationRateLimiter } from '../../../fakes/rotation-rate-limiter.ts';
import { MemorySesIdentities } from '../../../fakes/ses-identities.ts';
import { givenTestEnvironment } from './test-environment.ts';

export type Who = 'mine' | 'rival';

/** The domain that a tenant watches. */
const DOMAIN = 'example.com' as DomainName;
/** The one that the rival claims in the other service. */
const ELSEWHERE = 'example.org' as DomainName;

const tenants: Record<Who, TenantId> = { mine: 't_mine' as TenantId, rival: 't_rival' as TenantId };

const QUOTA = 10_000;

/** Every route that reads about domains, and those that check. */
const watched = Object.values<Route>(routes).filter(
  ({ function: name, method, path }) =>
    name === 'domains' && (method === 'GET' || path.endsWith('/checks')),
);

/**
 * The service with two tenants: one watches a domain, the rival claims the same one or another. All
 * else is alike: the clock, SES, DNS, and each tenant's random numbers. The functions run as they
 * are; the queue and the stream are the test's.
 */
export class TwoTenants {
  readonly #env = givenTestEnvironment();
  readonly #ses = new MemorySesIdentities();
  readonly #turns = new MemoryRotationRateLimiter();
  readonly #rivalDomain: DomainName;
  readonly #draws: Record<Who, number> = { mine: 0, rival: 0 };
  #acting: Who = 'mine';
  #waiting: { readonly at: number; readonly request: IdentityRequest }[] = [];
  #isFull = false;
  /** How many calls of SES my own turns took, each call of the function by itself. */
  readonly taken: number[] = [];

  constructor(rival: 'same' | 'other') {
    this.#rivalDomain = rival === 'same' ? DOMAIN : ELSEWHERE;
    const random = { bytes: (size: number) => this.#draw(size) };
    Object.assign(this.#env.ports, { random });
    Object.assign(this.#env.ports.rotation, { random });
    const sleep = async (milliseconds: number) => {
      this.#env.pass(milliseconds / 1_000);
      await this.#makeChecks();
    };
    Object.assign(this.#env.ports, { retryTime: { ...this.#env.ports.retryTime, sleep } });
  }

  /** Claims the tenant's domain, or undoes its deletion. */
  async claim(who: Who): Promise<unknown> {
    const before = await this.#claimOf(who);
    const answer = await this.#ask(who, 'POST', '/v1/domains', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: this.#domainOf(who) }),
    });
    const after = await this.#claimOf(who);
    if (before === undefined && after !== undefined) await this.#enqueue([turnOf(after)]);
    return answer;
  }

  delete(who: Who): Promise<unknown> {
    return this.#ask(who, 'DELETE', `/v1/domains/${this.#domainOf(who)}`);
  }

  /**
   * Checks my claim as the planner has it checked. The rival's asks for a turn, as its check may: its
   * domain's DNS, which is public, is another in each service.
   */
  async check(who: Who): Promise<void> {
    this.#acting = who;
    const claim = await this.#claimOf(who);
    if (claim === undefined) return;
    if (who === 'mine') await this.#check(claim);
    else await this.#enqueue([turnOf(claim)]);
  }

  /** The rival holds the domain, unless it is mine: as a check would have found it. */
  async hold(): Promise<void> {
    const [mine, claim] = [await this.#claimOf('mine'), await this.#claimOf('rival')];
    if (claim?.lifecycle !== 'live' || (mine !== undefined && isProven(mine))) return;
    if (isProven(claim)) return;
    const at = this.#env.now();
    const next = { ...claim, status: 'verified' as const, statusSince: at, verifiedAt: at };
    await this.#env.claims.hold(claim, { ...next, version: claim.version + 1 }, at);
    await this.#enqueue([turnOf(claim)]);
  }

  /** Publishes what I was given, or nothing of it. */
  async publish(isThere: boolean): Promise<void> {
    const { body } = await this.#ask('mine', 'GET', `/v1/domains/${DOMAIN}`);
    const records = isThere && Array.isArray(body.records) ? body.records : [];
    this.#env.dns.zone(
      DOMAIN,
      records
        .filter(({ value }) => value !== '')
        .map(({ name, type, value }) => ({ name, type, value })),
    );
  }

  /** SES verifies what is published: the record in the DNS of the domain, and one of the rival's. */
  async #verify(): Promise<void> {
    const [answer] = await this.#env.dns.authoritative(`_amazonses.${DOMAIN}` as DomainName, 'TXT');
    if (answer?.outcome !== 'ok') return;
    for (const domain of [DOMAIN, this.#rivalDomain]) {
      if (this.#ses.identities.has(domain)) this.#ses.settle(domain, 'ready');
    }
  }

  /** The account has no room left, as the planner counted, or has room again. */
  async fill(isFull: boolean): Promise<void> {
    this.#isFull = isFull;
    this.#ses.quota = isFull ? 0 : 10_000;
    await this.#plan();
  }

  async wait(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 3_600) {
      this.#env.pass(Math.min(left, 3_600));
      await this.#plan();
    }
  }

  /** One call of the identity function. */
  async turn(): Promise<void> {
    await this.#verify();
    const now = Date.parse(this.#env.now());
    const due = this.#waiting.filter(({ at }) => at <= now).slice(0, 10);
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    const { ports } = this.#env;
    this.#ses.calls.splice(0);
    const failed = await maintainAll(
      {
        ...ports.retryTime,
        deployment,
        name: 'sender-domains',
        claims: this.#env.claims,
        identities: this.#env.identities,
        ses: this.#ses,
        turns: this.#turns,
        quota: QUOTA,
        queue: { send: (requests, options) => this.#enqueue(requests, options?.delaySeconds) },
        operatorEvents: { put: async () => {} },
        isOutage: () => false,
        log: () => {},
      },
      due.map(({ request }) => JSON.stringify(request)),
      now + 45_000,
    );
    if (failed.length > 0) throw new Error('a turn was lost');
    if (due.some(({ request }) => request.claim?.tenant === tenants.mine)) {
      this.taken.push(this.#ses.calls.length);
    }
  }

  /** All that I can see: the answers of every route that reads, what time it is, and my turns. */
  async seen(): Promise<unknown> {
    const answers: unknown[] = [];
    for (const { method, path } of watched) {
      const filled = path.replace('{name}', DOMAIN).replace(/\{\w+\}/, 'of-nothing');
      answers.push([method, filled, this.#env.now(), await this.#ask('mine', method, filled)]);
    }
    const mine = this.#waiting.filter(({ request }) => request.claim?.tenant === tenants.mine);
    return { answers, at: this.#env.now(), taken: [...this.taken], mine };
  }

  async #ask(who: Who, method: string, path: string, asked: object = {}) {
    this.#acting = who;
    const { status, text, body } = await this.#env.ask(method, path, {
      ...asked,
      as: tenants[who],
    });
    return { status, text, body };
  }

  /** The checks that were asked for by the API; see `check` for those of the rival's live claim. */
  async #makeChecks(): Promise<void> {
    for (const { request } of this.#env.checkQueue.take()) {
      const claim = await this.#env.claims.get(request);
      if (claim === undefined) continue;
      const isMine = claim.tenant === tenants.mine;
      if (isMine || claim.lifecycle !== 'live') await this.#check(claim, request.since);
    }
  }

  async #check(claim: Claim, since?: string): Promise<void> {
    const { ports, dns } = this.#env;
    this.#host(claim);
    const sent = new MemoryQueue<IdentityRequest>();
    const outcome = await runCheck(
      claim,
      {
        claims: this.#env.claims,
        checks: this.#env.checks,
        identities: this.#env.identities,
        resolver: dns,
        identityQueue: sent,
        delegationQueue: new MemoryQueue(),
        rotationQueue: new MemoryQueue(),
        clock: ports.clock,
        random: ports.random,
        deployment,
        pending: PENDING_DAYS,
      },
      since,
    );
    await this.#enqueue(sent.take().map(({ request }) => request));
    if (outcome !== undefined && isProven(outcome.claim)) await this.#overtake();
  }

  /** A proof of mine ends one of the rival's; elsewhere somebody else's does. */
  async #overtake(): Promise<void> {
    const claim = await this.#claimOf('rival');
    if (claim === undefined || !isProven(claim)) return;
    await this.#env.claims.update(claim, lostClaim(claim, this.#env.now()));
  }

  /** What the service hosts of a claim; it is resolved by its own names only. */
  #host(claim: Claim): void {
    for (const shard of shardNames(deployment)) {
      const hosted = claim.shard === shard ? hostedRecords(claim, deployment) : [];
      this.#env.dns.zone(
        shard,
        hosted.map(({ name, type, values }) => ({ name, type, value: values[0]! })),
      );
    }
  }

  async #plan(): Promise<void> {
    await this.#env.identities.noteUsed(this.#isFull ? QUOTA + 100 : 0);
  }

  async #enqueue(requests: readonly IdentityRequest[], delaySeconds = 0): Promise<void> {
    const at = Date.parse(this.#env.now()) + delaySeconds * 1_000;
    const queue = new MemoryQueue<IdentityRequest>();
    await sendIdentityRequests(queue, requests);
    this.#waiting.push(...queue.take().map(({ request }) => ({ at, request })));
  }

  #domainOf(who: Who): DomainName {
    return who === 'mine' ? DOMAIN : this.#rivalDomain;
  }

  #claimOf(who: Who): Promise<Claim | undefined> {
    return this.#env.claims.get({ tenant: tenants[who], domain: this.#domainOf(who) });
  }

  /** Each tenant draws from numbers of its own, so that both services give it the same. */
  #draw(size: number): Buffer {
    this.#draws[this.#acting] += 1;
    const seed = `${this.#acting} ${this.#draws[this.#acting]}`;
    return createHash('sha512').update(seed).digest().subarray(0, size);
  }
}
