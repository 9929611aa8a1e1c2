import type {
  BudgetGroup,
  BudgetName,
  BudgetWindow,
  LeaseBudget,
  Leases,
} from '#shared/core/model/budgets.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';

/** Who has limits: a tenant, or a platform. */
export type BudgetHolder = TenantId | PlatformId;

/** Whose use is counted: a tenant, a platform, or a share link by the SHA-256 of its token. */
export type BudgetSubject = BudgetHolder | `link#${string}`;

/** An amount of every window of a group, from `windowsAt`. */
export interface Spending {
  readonly subject: BudgetSubject;
  readonly group: BudgetGroup;
  readonly windows: readonly BudgetWindow[];
  readonly amount: number;
}

/** What was used of each window, in their order: with the amount where it was taken. */
export interface Spent {
  readonly isTaken: boolean;
  readonly used: readonly number[];
}

/** Limits that the operator set for one tenant; the deployment's hold for all others. */
export type OwnLimits = Readonly<Partial<Record<BudgetName, number>>>;

/** The use of what tenants share, and their own limits of it. */
export interface BudgetStore {
  /**
   * Takes an amount from every window of a group where all have room for it, else from none, in one
   * conditional write: no race passes a limit.
   */
  take(spending: Spending): Promise<Spent>;
  /** Adds to what was used, or with a negative amount gives back, whatever the limits are. */
  adjust(spending: Spending): Promise<void>;
  /** What was used of each window; strongly consistent, one batch read. */
  used(spendings: readonly Omit<Spending, 'amount'>[]): Promise<Spent['used'][]>;

  /** Strongly consistent. */
  ownLimits(tenant: BudgetHolder): Promise<OwnLimits>;
  /** Sets limits of a tenant; undefined brings back the deployment's. */
  setOwnLimits(
    tenant: BudgetHolder,
    changes: Readonly<Partial<Record<BudgetName, number | undefined>>>,
  ): Promise<void>;

  /** A tenant's leases, those that have ended too, with their version; strongly consistent. */
  leases(tenant: TenantId, budget: LeaseBudget): Promise<StoredLeases>;
  /** Replaces a tenant's leases where their version is still that of `before`. @throws Conflict */
  putLeases(
    tenant: TenantId,
    budget: LeaseBudget,
    before: StoredLeases,
    leases: Leases,
  ): Promise<void>;
  /** Ends a lease where it still ends at `until`, and no later one took its place. */
  endLease(
    tenant: TenantId,
    budget: LeaseBudget,
    lease: { readonly of: string; readonly until: number },
  ): Promise<void>;
}

export interface StoredLeases {
  readonly leases: Leases;
  /** 0 where there never was one. */
  readonly version: number;
}
