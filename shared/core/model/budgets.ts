import { DAY_SECONDS } from '../time.ts';

/**
 * Everything that tenants share and that one of them could use up, with its limit for a tenant whose
 * operator set none.
 *
 * - `window`: an amount in each window of `seconds`, which begin at multiples of it since the epoch.
 * - `leases`: a number at a time, each at most for `seconds`.
 * - `count`: a number at a time, kept by the claims table.
 * - `interval`: seconds between two.
 */
export const budgetDefinitions = {
  'calls-minute': {
    kind: 'window',
    group: 'calls',
    seconds: 60,
    limit: 1_200,
    unit: 'calls of the API',
    holder: 'both',
  },
  'claims-hour': {
    kind: 'window',
    group: 'claims',
    seconds: 3_600,
    limit: 60,
    unit: 'domains claimed',
  },
  'delegated-claims-day': {
    kind: 'window',
    group: 'delegated-claims',
    seconds: DAY_SECONDS,
    limit: 10,
    unit: 'delegated domains claimed, each with a zone of its own',
    holder: 'both',
  },
  'deletions-hour': {
    kind: 'window',
    group: 'deletions',
    seconds: 3_600,
    limit: 60,
    unit: 'domains deleted',
  },
  'pending-claims': {
    kind: 'count',
    limit: 50,
    unit: 'domains not verified yet, those being deleted that never were among them',
  },
  checks: { kind: 'leases', seconds: 2, limit: 4, unit: 'domains checked at once' },
  'waiting-records': {
    kind: 'leases',
    seconds: 20,
    limit: 2,
    unit: 'lists of records at once that wait for a value or for DNS, one of a domain',
  },
  'dns-requests-minute': {
    kind: 'window',
    group: 'dns-requests',
    seconds: 60,
    limit: 60,
    unit: 'requests that ask other servers of DNS: for permitted senders, for what is still to do, for Domain Connect, and changes of SPF or hosting',
    holder: 'both',
  },
  'recipients-minute': {
    kind: 'window',
    group: 'recipients',
    seconds: 60,
    limit: 2_000,
    unit: 'recipients of mail submitted',
  },
  'recipients-day': {
    kind: 'window',
    group: 'recipients',
    seconds: DAY_SECONDS,
    limit: 50_000,
    unit: 'recipients of mail submitted',
  },
  'upload-megabytes-day': {
    kind: 'window',
    group: 'upload-megabytes',
    seconds: DAY_SECONDS,
    limit: 5_000,
    unit: 'megabytes of uploads, each rounded up',
  },
  'suppressions-day': {
    kind: 'window',
    group: 'suppressions',
    seconds: DAY_SECONDS,
    limit: 1_000_000,
    unit: 'addresses put on the suppression list by request',
  },
  'invitations-day': {
    kind: 'window',
    group: 'invitations',
    seconds: DAY_SECONDS,
    limit: 20,
    unit: 'invitations to the dashboard',
  },
  'hand-over-mails-day': {
    kind: 'window',
    group: 'hand-over-mails',
    seconds: DAY_SECONDS,
    limit: 50,
    unit: 'contacts to be mailed a link to their records',
  },
  'invitation-interval': {
    kind: 'interval',
    limit: 900,
    unit: 'seconds between two invitations of one address',
  },
  'webhook-seconds-minute': {
    kind: 'window',
    group: 'webhook-seconds',
    seconds: 60,
    limit: 60,
    unit: 'seconds of requests to your webhook endpoints',
    holder: 'both',
  },
  'platform-claims-day': {
    kind: 'window',
    group: 'platform-claims',
    seconds: DAY_SECONDS,
    limit: 20_000,
    unit: 'domains that a platform claims for its tenants',
    holder: 'platform',
  },
  'platform-pending-claims': {
    kind: 'count',
    limit: 10_000,
    unit: 'domains of one tenant, not verified yet, with which its platform may claim more',
    holder: 'platform',
  },
  'import-rows-day': {
    kind: 'window',
    group: 'import-rows',
    seconds: DAY_SECONDS,
    limit: 100_000,
    unit: 'rows of imports, dry runs included',
    holder: 'platform',
  },
  'webhook-replays-hour': {
    kind: 'window',
    group: 'webhook-replays',
    seconds: 3_600,
    limit: 10_000,
    unit: 'deliveries to your webhook endpoints sent again or as a test by request',
  },
  'shared-calls-minute': {
    kind: 'window',
    group: 'shared-calls',
    seconds: 60,
    limit: 60,
    unit: 'readings of one share link',
  },
} as const satisfies Record<string, BudgetDefinition>;

/** `holder`: who has it beside or instead of tenants; absent: tenants alone. */
export type BudgetDefinition = Readonly<{
  limit: number;
  unit: string;
  holder?: 'platform' | 'both';
}> &
  (
    | Readonly<{ kind: 'window'; group: string; seconds: number }>
    | Readonly<{ kind: 'leases'; seconds: number }>
    | Readonly<{ kind: 'count' | 'interval' }>
  );

export type BudgetName = keyof typeof budgetDefinitions;
export const budgetNames = Object.keys(budgetDefinitions) as BudgetName[];

/** The limit of each budget for one tenant. */
export type Limits = Readonly<Record<BudgetName, number>>;

/** The largest limit that an operator can set. */
export const HIGHEST_LIMIT = 1_000_000_000;

export const isBudgetName = (text: string): text is BudgetName =>
  Object.hasOwn(budgetDefinitions, text);

/** @returns true for a limit that an operator may set; 0 allows none */
export const isLimit = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= HIGHEST_LIMIT;

/** Returns true for a budget that a kind of holder has. */
export const hasBudget = (holder: 'tenant' | 'platform', name: BudgetName): boolean => {
  const { holder: of = 'tenant' } = budgetDefinitions[name] as BudgetDefinition;
  return of === holder || of === 'both';
};

type NamesOf<Kind extends BudgetDefinition['kind']> = {
  [Name in BudgetName]: (typeof budgetDefinitions)[Name]['kind'] extends Kind ? Name : never;
}[BudgetName];

export type WindowBudget = NamesOf<'window'>;
export type LeaseBudget = NamesOf<'leases'>;

/** Budgets that are taken from together: all of them, or none. */
export type BudgetGroup = (typeof budgetDefinitions)[WindowBudget]['group'];

/** One window of a budget: its limit, and when it began, in epoch seconds. */
export interface BudgetWindow {
  readonly budget: WindowBudget;
  readonly seconds: number;
  readonly start: number;
  readonly limit: number;
}

const windowBudgets = Object.entries(budgetDefinitions).flatMap(([name, definition]) =>
  definition.kind === 'window' ? [{ budget: name as WindowBudget, ...definition }] : [],
);

export const leaseBudgets = budgetNames.filter(
  (name): name is LeaseBudget => budgetDefinitions[name].kind === 'leases',
);

/** The groups of the budgets of windows that a kind of holder has. */
export const budgetGroupsOf = (holder: 'tenant' | 'platform'): readonly BudgetGroup[] => [
  ...new Set(
    windowBudgets.filter(({ budget }) => hasBudget(holder, budget)).map(({ group }) => group),
  ),
];

/** The windows of a group at a time, the longest last. */
export const windowsAt = (group: BudgetGroup, limits: Limits, now: Date): BudgetWindow[] =>
  windowBudgets
    .filter((one) => one.group === group)
    .map(({ budget, seconds }) => ({
      budget,
      seconds,
      start: Math.floor(now.getTime() / 1_000 / seconds) * seconds,
      limit: limits[budget],
    }))
    .toSorted((one, other) => one.seconds - other.seconds);

/** What is left of a budget. */
export interface Standing {
  readonly budget: BudgetName;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the whole limit is there again; absent where that has no time. */
  readonly resetSeconds?: number;
}

/** What is left of a window once `used` is taken. */
export const standingOf = (window: BudgetWindow, used: number, now: Date): Standing => ({
  budget: window.budget,
  limit: window.limit,
  remaining: Math.max(0, Math.floor(window.limit - used)),
  resetSeconds: secondsLeft(window, now),
});

/** Seconds until a window ends, at least 1. */
export const secondsLeft = ({ start, seconds }: BudgetWindow, now: Date): number =>
  Math.max(1, Math.ceil(start + seconds - now.getTime() / 1_000));

/** The end of each lease of a tenant, in epoch milliseconds, by the thing that it is for. */
export type Leases = Readonly<Record<string, number>>;

/** The leases that have not ended. */
export const openLeases = (leases: Leases, now: number): Leases =>
  Object.fromEntries(Object.entries(leases).filter(([, until]) => until > now));

/**
 * Takes a lease of one thing.
 *
 * @returns the leases with it; or the milliseconds until one is free, `ofSame` where it is leased itself
 */
export function withLease(
  leases: Leases,
  wanted: { readonly of: string; readonly until: number },
  limit: number,
  now: number,
): { readonly leases: Leases } | { readonly freeInMs: number; readonly ofSame: boolean } {
  const open = openLeases(leases, now);
  const own = open[wanted.of];
  if (own !== undefined) return { freeInMs: own - now, ofSame: true };
  const ends = Object.values(open);
  if (limit === 0) return { freeInMs: wanted.until - now, ofSame: false };
  if (ends.length >= limit) return { freeInMs: Math.min(...ends) - now, ofSame: false };
  return { leases: { ...open, [wanted.of]: wanted.until } };
}
