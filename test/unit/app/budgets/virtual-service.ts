import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { withinBudgets } from '#shared/api/handler.ts';
import type { ApiEvent } from '#shared/api/http.ts';
import { routeKeys } from '#shared/api/routes/index.ts';
import type { Budgets } from '#shared/app/budgets/budgets.ts';
import { submitMail } from '#shared/app/sending/submit.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Limits } from '#shared/core/model/budgets.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { answerBy } from '../../../../lambdas/domains/answer.ts';
import { answer as answerUsers } from '../../../../lambdas/users/answer.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryMailCounts } from '../../../fakes/mail-counts.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { MemoryOutbox } from '../../../fakes/outbox.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryUserDirectory } from '../../../fakes/user-directory.ts';
import { MemoryMemberships } from '../../../fakes/memberships.ts';
import { MemoryInvitations } from '../../../fakes/user-store.ts';
import { givenEvent } from '../../api/given-event.ts';
import { givenTestEnvironment } from '../../lambdas/domains/test-environment.ts';

export interface Done {
  readonly tenant: TenantId;
  /** `POST /v1/domains`, without the domain's name. */
  readonly what: string;
  readonly status: number;
  readonly budget: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
}

const answerDomains = withinBudgets(answerBy(routeKeys));
const answerOfUsers = withinBudgets(answerUsers);

/** The functions of the API on ports in memory, on a clock that moves by itself for nobody. */
export class VirtualService {
  /** Ten seconds before an hour. */
  now = Date.parse('2026-11-20T09:59:50.000Z');
  readonly clock = { now: () => new Date(this.now) };
  readonly environment = givenTestEnvironment();
  readonly directory = new MemoryUserDirectory();
  readonly outbound = new MemoryQueue<OutboundRequest>();
  readonly done: Done[] = [];
  readonly budgets: Budgets;
  readonly failures: unknown[] = [];
  #sleeping: { until: number; wake: () => void }[] = [];
  #underWay = new Map<TenantId, number>();
  /** The most requests of a tenant that were under way at once. */
  readonly atOnce = new Map<TenantId, number>();
  readonly #domainPorts;
  readonly #userPorts;
  readonly #submitPorts;

  readonly #invitations = new MemoryInvitations();

  constructor(limits: Partial<Limits> = {}) {
    this.budgets = givenBudgets(this.clock, limits).budgets;
    const retryTime = { clock: this.clock, sleep: this.#sleep, random: () => 0.5 };
    const { claims } = this.environment;
    const { answers } = this.environment.ports;
    this.#domainPorts = {
      ...this.environment.ports,
      budgets: this.budgets,
      clock: this.clock,
      retryTime,
    };
    this.#userPorts = {
      answers,
      bus: { put: async () => {} },
      tenants: { nameOf: async (id: TenantId) => `the tenant ${id}` },
      budgets: this.budgets,
      directory: this.directory,
      invitations: this.#invitations,
      memberships: new MemoryMemberships(this.#invitations),
      clock: this.clock,
    };
    this.#submitPorts = {
      claims,
      budgets: this.budgets,
      messages: new MemoryMessageStore(),
      mails: new MemoryMailStore(),
      suppressions: new MemorySuppressionStore(),
      mailCounts: new MemoryMailCounts(),
      log: { info: () => {}, warn: () => {} },
      isOutage: () => false,
      retryTime,
      outbox: new MemoryOutbox(),
      outbound: this.outbound,
      clock: this.clock,
      random: { bytes: (size: number) => randomBytes(size) },
      unsignedAllowed: new Set<string>(),
      maxOctets: 4_500_000,
    };
  }

  /** A tenant with a verified domain of its own. */
  async givenTenant(domain: string): Promise<TenantId> {
    const tenant = givenTenant();
    const newborn = givenClaim({ tenant, domain: domain as DomainName });
    await this.environment.claims.create(newborn, { pendingPerTenant: 50, claimsPerShard: 9_999 });
    const verified: Claim = {
      ...newborn,
      version: 2,
      status: 'verified',
      verifiedAt: newborn.createdAt,
    };
    await this.environment.claims.hold(newborn, verified, newborn.createdAt);
    return tenant;
  }

  /** Sends a request; it is in `done` when it has ended. */
  ask(
    tenant: TenantId,
    method: string,
    path: string,
    json?: object,
    query?: Record<string, string>,
  ): void {
    const event = givenEvent({
      caller: { tenant, scopes: 'domains messages keys users' },
      method,
      path,
      ...(query === undefined ? {} : { query }),
      ...(json === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }),
    });
    const what = `${method} ${path.replace(/(\/v1\/domains)\/[^/]+/, '$1/{name}')}`;
    this.#begin({ tenant, what }, () => this.#answer(event));
  }

  /** Submits a mail to so many recipients. */
  submit(tenant: TenantId, domain: string, recipients: number): void {
    const raw = Buffer.from(
      `From: a@${domain}\r\nTo: b@example.net\r\nSubject: x\r\n\r\nHello.\r\n`,
    );
    const addresses = Array.from({ length: recipients }, (_, index) => `r${index}@example.net`);
    this.#begin({ tenant, what: 'POST /v1/messages' }, async () => {
      try {
        await submitMail(this.#submitPorts, {
          tenant,
          channel: 'api',
          raw,
          recipients: addresses,
          strict: false,
        });
        return { status: 202, budget: undefined };
      } catch (error) {
        if (error instanceof BudgetExceeded) return { status: 429, budget: error.budget };
        throw error;
      }
    });
  }

  /** Lets time pass, 20 ms at a time. */
  async pass(milliseconds: number, each: (elapsed: number) => void = () => {}): Promise<void> {
    const from = this.now;
    for (let elapsed = 0; elapsed < milliseconds; elapsed += 20) {
      this.now = from + elapsed;
      each(elapsed);
      const due = this.#sleeping.filter(({ until }) => until <= this.now);
      this.#sleeping = this.#sleeping.filter(({ until }) => until > this.now);
      for (const { wake } of due) wake();
      await setImmediate();
    }
    this.now = from + milliseconds;
  }

  #sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => this.#sleeping.push({ until: this.now + milliseconds, wake }));

  async #answer(event: ApiEvent): Promise<Pick<Done, 'status' | 'budget'>> {
    const log = (error: unknown) => void this.failures.push(error);
    const result = event.rawPath.startsWith('/v1/users')
      ? await answerOfUsers(event, this.#userPorts, log)
      : await answerDomains(event, this.#domainPorts, log);
    const isProblem = result.headers?.['content-type'] === 'application/problem+json';
    const problem = isProblem ? (JSON.parse(result.body ?? '{}') as { budget?: string }) : {};
    return { status: result.statusCode ?? 0, budget: problem.budget };
  }

  #begin(
    { tenant, what }: Pick<Done, 'tenant' | 'what'>,
    work: () => Promise<Pick<Done, 'status' | 'budget'>>,
  ): void {
    const startedAt = this.now;
    const underWay = (this.#underWay.get(tenant) ?? 0) + 1;
    this.#underWay.set(tenant, underWay);
    this.atOnce.set(tenant, Math.max(underWay, this.atOnce.get(tenant) ?? 0));
    work()
      .then((outcome) => this.done.push({ tenant, what, ...outcome, startedAt, endedAt: this.now }))
      .catch((error: unknown) => this.failures.push(error))
      .finally(() => this.#underWay.set(tenant, (this.#underWay.get(tenant) ?? 1) - 1));
  }
}

/** A turn that a tenant wants of something that all share. */
export interface Turn {
  readonly tenant: TenantId;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * How many turns of others each turn waits for where one is given at a time, a tenant after another:
 * as SQS's fair queues and the leases of rates do.
 *
 * @param turnMs the time that a turn takes
 */
export function turnsWaited(
  turns: readonly Turn[],
  turnMs: number,
  of: (tenant: TenantId) => boolean,
): number[] {
  const waiting = [...turns].sort((one, other) => one.at - other.at);
  const servedAt = new Map<TenantId, number>();
  const waits: number[] = [];
  let now = waiting[0]?.at ?? 0;
  while (waiting.length > 0) {
    const arrived = waiting.filter(({ at }) => at <= now);
    if (arrived.length === 0) {
      now = waiting[0]!.at;
      continue;
    }
    const next = arrived.reduce((best, one) =>
      (servedAt.get(one.tenant) ?? 0) < (servedAt.get(best.tenant) ?? 0) ? one : best,
    );
    waiting.splice(waiting.indexOf(next), 1);
    if (of(next.tenant)) waits.push(Math.ceil((now - next.at) / turnMs));
    servedAt.set(next.tenant, now);
    now += turnMs;
  }
  return waits;
}
