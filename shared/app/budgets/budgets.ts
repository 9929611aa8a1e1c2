import { retry, retryLimits, type RetryTime } from '#shared/async/retry.ts';
import {
  budgetDefinitions,
  budgetGroupsOf,
  leaseBudgets,
  openLeases,
  standingOf,
  windowsAt,
  withLease,
  type BudgetGroup,
  type BudgetName,
  type BudgetWindow,
  type LeaseBudget,
  type Limits,
  type Standing,
} from '#shared/core/model/budgets.ts';
import { isPlatformId, type TenantId } from '#shared/core/model/names.ts';
import type { BudgetHolder, BudgetStore, Spending } from '#shared/app/ports/budgets.ts';
import { CallMeter } from './call-meter.ts';
import { leasesExceeded, windowExceeded } from './exceeded.ts';

/** A lease, which ends by itself at `until`. */
export interface Lease {
  readonly of: string;
  /** Epoch milliseconds. */
  readonly until: number;
  /** The tenant's leases of this budget that are open, this one among them. */
  readonly open: number;
  /** Ends it before its time. */
  end(): Promise<void>;
}

/** The budgets of all tenants, as one instance of a function takes from them. */
export interface Budgets {
  /**
   * Counts a call of the API, or a reading of a share link, by what is known without waiting.
   *
   * @throws BudgetExceeded
   */
  countCall(caller: BudgetHolder): Promise<void>;
  /** @param link SHA-256 of the link's token, hex @param tenant whose link it is */
  countReading(link: string, tenant: TenantId): Promise<void>;
  /**
   * Takes an amount from a group of budgets by one conditional write.
   *
   * @returns what was taken, to be given back in part
   * @throws BudgetExceeded where any of them has no room for it; nothing is taken then
   */
  take(tenant: BudgetHolder, group: BudgetGroup, amount: number): Promise<Spending>;
  /** Adds to what was taken, or gives back by a negative amount. */
  adjust(taken: Spending, amount: number): Promise<void>;
  /**
   * Takes a lease of one thing, for as long as the budget says.
   *
   * @param of the thing: a domain
   * @throws BudgetExceeded where it is leased, or as many as may be are
   */
  lease(tenant: TenantId, budget: LeaseBudget, of: string): Promise<Lease>;
  /**
   * The same, but undefined where the very thing is leased.
   *
   * @throws BudgetExceeded where as many as may be are leased, and this is none of them
   */
  leaseUnlessTaken(tenant: TenantId, budget: LeaseBudget, of: string): Promise<Lease | undefined>;
  /** One of `limits`. */
  limit(tenant: BudgetHolder, budget: BudgetName): Promise<number>;
  /**
   * What is left of each budget of windows and of leases, by three reads. Blocks of calls that
   * instances took beforehand count as used.
   */
  standings(holder: BudgetHolder): Promise<Standing[]>;
  /** A tenant's limits; a change by the operator counts within half a minute. */
  limits(holder: BudgetHolder): Promise<Limits>;
  /** The same budgets, which report what is left of each as it is taken from. */
  reporting(report: (standing: Standing) => void): Budgets;
}

export interface BudgetPorts {
  readonly store: Omit<BudgetStore, 'setOwnLimits'>;
  /** The limits of a tenant for whom the operator set none. */
  readonly limits: Limits;
  readonly retryTime: RetryTime;
  /** Receives failures of what no caller waits for. */
  readonly log: (error: unknown) => void;
}

/** Before a call is refused, own limits are read again after this time. */
const REREAD_MS = 1_000;
/** Own limits are read again after this time. */
const LIMITS_KNOWN_MS = 30_000;

/** A refusal is repeated for this time without a write, so that who is over a limit costs little. */
const REFUSED_MS = 1_000;

interface Refused {
  readonly window: BudgetWindow;
  readonly used: number;
  readonly amount: number;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly standings: readonly Standing[];
}

/** Makes the budgets of one instance of a function. */
export function budgetsOf(ports: BudgetPorts): Budgets {
  const { store, retryTime } = ports;
  const { clock } = retryTime;
  const known = new OwnLimitsCache(ports);
  const meter = new CallMeter('calls', { ...ports, clock });
  const refusals = new Map<string, Refused>();
  const linkMeter = new CallMeter('shared-calls', { ...ports, clock });

  /** @returns the lease, or why there is none */
  const takeLease = async (
    tenant: TenantId,
    budget: LeaseBudget,
    of: string,
    report: (standing: Standing) => void,
  ): Promise<Lease | { limit: number; freeInMs: number; ofSame: boolean }> => {
    const limit = (await known.of(tenant))[budget];
    return retry({ ...retryLimits.hotItem, on: retryLimits.conflict.on }, async () => {
      const now = clock.now().getTime();
      const until = now + budgetDefinitions[budget].seconds * 1_000;
      const before = await store.leases(tenant, budget);
      const taken = withLease(before.leases, { of, until }, limit, now);
      if ('freeInMs' in taken) return { limit, ...taken };
      await store.putLeases(tenant, budget, before, taken.leases);
      const open = Object.keys(taken.leases).length;
      report({ budget, limit, remaining: limit - open });
      return { of, until, open, end: () => store.endLease(tenant, budget, { of, until }) };
    });
  };

  const withReport = (report: (standing: Standing) => void): Budgets => ({
    async countCall(tenant) {
      report(await meter.count(tenant, known.soFar(tenant), () => known.recent(tenant)));
    },

    async countReading(link, tenant) {
      const reread = () => known.recent(tenant);
      report(await linkMeter.count(`link#${link}`, known.soFar(tenant), reread));
    },

    async take(tenant, group, amount) {
      const now = clock.now();
      const refused = refusals.get(`${tenant} ${group}`);
      if (refused !== undefined && refused.until > now.getTime() && amount >= refused.amount) {
        for (const standing of refused.standings) report(standing);
        throw windowExceeded(refused.window, { used: refused.used, amount }, now);
      }
      const windows = windowsAt(group, await known.of(tenant), now);
      const spending = { subject: tenant, group, windows, amount };
      const { isTaken, used } = await store.take(spending);
      const standings = windows.map((window, index) =>
        standingOf(window, used[index] as number, now),
      );
      for (const standing of standings) report(standing);
      if (isTaken) return spending;
      const index = windows.findLastIndex(
        ({ limit }, place) => (used[place] as number) + amount > limit,
      );
      // Another gave back meanwhile what was missing: the shortest wait is right.
      const full = Math.max(0, index);
      const window = windows[full] as BudgetWindow;
      const until = Math.min(
        now.getTime() + REFUSED_MS,
        ...windows.map(({ start, seconds }) => (start + seconds) * 1_000),
      );
      const refusal = { window, used: used[full] as number, amount, until, standings };
      refusals.set(`${tenant} ${group}`, refusal);
      throw windowExceeded(window, refusal, now);
    },

    adjust: (taken, amount) => store.adjust({ ...taken, amount }),

    async lease(tenant, budget, of) {
      const taken = await takeLease(tenant, budget, of, report);
      if ('end' in taken) return taken;
      throw leasesExceeded(budget, { of, ...taken });
    },

    async leaseUnlessTaken(tenant, budget, of) {
      const taken = await takeLease(tenant, budget, of, report);
      if ('end' in taken) return taken;
      if (taken.ofSame) return undefined;
      throw leasesExceeded(budget, { of, ...taken });
    },

    async standings(holder) {
      const now = clock.now();
      const limits = await known.of(holder);
      const tenant = isPlatformId(holder) ? undefined : holder;
      const groups = tenant === undefined ? groupsOfPlatform : groupsOfTenant;
      const leased = tenant === undefined ? [] : leaseBudgets;
      const spendings = groups.map((group) => ({
        subject: holder,
        group,
        windows: windowsAt(group, limits, now),
      }));
      const [used, ...leases] = await Promise.all([
        store.used(spendings),
        ...leased.map((budget) => store.leases(tenant as TenantId, budget)),
      ]);
      return [
        ...spendings.flatMap(({ windows }, group) =>
          windows.map((window, index) => standingOf(window, used[group]?.[index] ?? 0, now)),
        ),
        ...leased.map((budget, index): Standing => {
          const open = openLeases(leases[index]?.leases ?? {}, now.getTime());
          const limit = limits[budget];
          return { budget, limit, remaining: Math.max(0, limit - Object.keys(open).length) };
        }),
      ];
    },

    limits: (tenant) => known.of(tenant),
    limit: async (tenant, budget) => (await known.of(tenant))[budget],
    reporting: withReport,
  });
  return withReport(() => {});
}

/** The budgets of a share link are its own. */
const groupsOfTenant = budgetGroupsOf('tenant').filter((group) => group !== 'shared-calls');
const groupsOfPlatform = budgetGroupsOf('platform');

interface Known {
  limits: Limits;
  readAt: number;
  reading?: Promise<void>;
}

/** The limits of tenants, own ones read at most every half a minute. */
class OwnLimitsCache {
  readonly #ports: BudgetPorts;
  readonly #known = new Map<BudgetHolder, Known>();

  constructor(ports: BudgetPorts) {
    this.#ports = ports;
  }

  /** What is known without waiting; read in the background where that is old. */
  soFar(tenant: BudgetHolder): Limits {
    const known = this.#knownOf(tenant);
    if (this.#isOld(known)) this.#read(tenant, known).catch(this.#ports.log);
    return known.limits;
  }

  async of(tenant: BudgetHolder): Promise<Limits> {
    const known = this.#knownOf(tenant);
    if (this.#isOld(known)) await this.#read(tenant, known);
    return known.limits;
  }

  /** The limits as they were a second ago or later; those that are known where they cannot be read. */
  async recent(tenant: BudgetHolder): Promise<Limits> {
    const known = this.#knownOf(tenant);
    if (this.#ageOf(known) < REREAD_MS) return known.limits;
    await this.#read(tenant, known).catch(this.#ports.log);
    return known.limits;
  }

  #knownOf(tenant: BudgetHolder): Known {
    const known = this.#known.get(tenant) ?? { limits: this.#ports.limits, readAt: -Infinity };
    this.#known.set(tenant, known);
    return known;
  }

  #isOld = (known: Known): boolean => this.#ageOf(known) >= LIMITS_KNOWN_MS;

  #ageOf = ({ readAt }: Known): number => this.#ports.retryTime.clock.now().getTime() - readAt;

  async #read(tenant: BudgetHolder, known: Known): Promise<void> {
    known.reading ??= this.#readOnce(tenant, known);
    try {
      await known.reading;
    } finally {
      delete known.reading;
    }
  }

  async #readOnce(tenant: BudgetHolder, known: Known): Promise<void> {
    const own = await this.#ports.store.ownLimits(tenant);
    known.limits = { ...this.#ports.limits, ...own };
    known.readAt = this.#ports.retryTime.clock.now().getTime();
  }
}
