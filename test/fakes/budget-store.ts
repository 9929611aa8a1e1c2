import type { BudgetWindow, LeaseBudget, Leases } from '#shared/core/model/budgets.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type {
  BudgetStore,
  BudgetSubject,
  OwnLimits,
  Spending,
  Spent,
  StoredLeases,
} from '#shared/app/ports/budgets.ts';

/** Budgets in memory; each method is one step that nothing interleaves. */
export class MemoryBudgetStore implements BudgetStore {
  readonly #used = new Map<string, number>();
  readonly #limits = new Map<TenantId, OwnLimits>();
  readonly #leases = new Map<string, StoredLeases>();
  /** Writes and reads, as DynamoDB would count them. */
  readonly calls = { writes: 0, reads: 0 };

  async take({ subject, windows, amount }: Spending): Promise<Spent> {
    const used = this.#usedOf(subject, windows);
    this.calls.writes += 1;
    if (windows.some(({ limit }, index) => used[index]! + amount > limit)) {
      this.calls.reads += 1;
      return { isTaken: false, used };
    }
    return { isTaken: true, used: this.#add(subject, windows, amount) };
  }

  async adjust({ subject, windows, amount }: Spending): Promise<void> {
    this.calls.writes += 1;
    this.#add(subject, windows, amount);
  }

  async used(spendings: readonly Omit<Spending, 'amount'>[]): Promise<Spent['used'][]> {
    this.calls.reads += 1;
    return spendings.map(({ subject, windows }) => this.#usedOf(subject, windows));
  }

  async ownLimits(tenant: TenantId): Promise<OwnLimits> {
    this.calls.reads += 1;
    return this.#limits.get(tenant) ?? {};
  }

  async setOwnLimits(tenant: TenantId, changes: OwnLimits): Promise<void> {
    const next = { ...this.#limits.get(tenant), ...changes };
    const set = Object.entries(next).filter(([, value]) => value !== undefined);
    this.#limits.set(tenant, Object.fromEntries(set));
  }

  async leases(tenant: TenantId, budget: LeaseBudget): Promise<StoredLeases> {
    this.calls.reads += 1;
    return this.#leases.get(`${tenant} ${budget}`) ?? { leases: {}, version: 0 };
  }

  async putLeases(
    tenant: TenantId,
    budget: LeaseBudget,
    before: StoredLeases,
    leases: Leases,
  ): Promise<void> {
    this.calls.writes += 1;
    const key = `${tenant} ${budget}`;
    if ((this.#leases.get(key)?.version ?? 0) !== before.version) throw new Conflict(key);
    this.#leases.set(key, { leases, version: before.version + 1 });
  }

  async endLease(
    tenant: TenantId,
    budget: LeaseBudget,
    { of, until }: { of: string; until: number },
  ): Promise<void> {
    this.calls.writes += 1;
    const key = `${tenant} ${budget}`;
    const stored = this.#leases.get(key);
    if (stored?.leases[of] !== until) return;
    const { [of]: _, ...leases } = stored.leases;
    this.#leases.set(key, { leases, version: stored.version + 1 });
  }

  #usedOf(subject: BudgetSubject, windows: readonly BudgetWindow[]): number[] {
    return windows.map((window) => this.#used.get(keyOf(subject, window)) ?? 0);
  }

  #add(subject: BudgetSubject, windows: readonly BudgetWindow[], amount: number): number[] {
    return windows.map((window) => {
      const sum = (this.#used.get(keyOf(subject, window)) ?? 0) + amount;
      this.#used.set(keyOf(subject, window), sum);
      return sum;
    });
  }
}

const keyOf = (subject: BudgetSubject, { budget, start }: BudgetWindow): string =>
  `${subject} ${budget} ${start}`;
