/**
 * The rate at which mail leaves by an exit, and whose mail is next: fair queueing between tenants
 * (Demers, Keshav, Shenker 1989; GPS's virtual time) on top of a token bucket (GCRA, ITU-T I.371).
 * All signers lease from one schedule, so that it holds whatever order a queue delivers in.
 */
import type { TenantId } from './names.ts';

/** What all signers share of one exit. */
export interface RateSchedule {
  /** Recipients a second. */
  readonly rate: number;
  /** When the next token is free, epoch milliseconds. */
  readonly freeAt: number;
  /** Recipients that each tenant with mail in line has had served since the schedule began. */
  readonly virtualTime: number;
  /** Tokens that nobody took though mail was in line, since the first in line last did. */
  readonly unused: number;
  /** Where the line of each tenant ends, in virtual time; a tenant without mail in line has none. */
  readonly ends: Readonly<Record<TenantId, number>>;
  /** The share of each tenant in line that has another than 1. */
  readonly shares?: Readonly<Record<TenantId, number>>;
}

/** A request for the tokens of one exit call. */
export interface LeaseRequest {
  readonly tenant: TenantId;
  /** When the mail was accepted, ISO 8601. */
  readonly acceptedAt: string;
  /** Recipients of the call: a token each. */
  readonly recipients: number;
  /** The place of the call in its tenant's line, where its mail has one. */
  readonly place?: number | undefined;
  /** Recipients of the whole mail that joins the line. */
  readonly joining: number;
  /** The part of what others get that its tenant gets while they wait too: 1, or less. @default 1 */
  readonly share?: number;
}

/**
 * - `granted`: the call may be made at `at` or later, epoch milliseconds; mostly now.
 * - `wait`: ask again at `askAt`; by what is known now the call is made at `expectedAt`.
 */
export type RateLease = { readonly place: number } & (
  | { readonly kind: 'granted'; readonly at: number }
  | { readonly kind: 'wait'; readonly askAt: number; readonly expectedAt: number }
);

/**
 * Tokens that were left unused are kept for this time: half of what SES allows at once, but one
 * token less than it allows in a second.
 */
const BURST_MS = 500;
/**
 * Tokens are leased so long before they are free, since a queue delays by whole seconds; those of a
 * call that takes the exit longer, later.
 */
const AHEAD_MS = { most: 1_500, least: 500 };

/** The first mail of a tenant is leased tokens that are later by that where others are in line. */
const FIRST_MS = 4_000;
/** Nothing keeps the exit busy for longer; what says so was written by a clock that was wrong. */
const LATEST_MS = 120_000;
/** At such a rate the exit takes no call early: a part of it is left unused, for calls that take longer. */
const SLOW = { rate: 5, used: 0.9 };
/** So long mail that is first in line may be late, before it counts as gone. */
const GONE_SECONDS = 30;
/** A mail that is later than that has no place any more. */
const LOST_SECONDS = 60;

/** A schedule that nothing was leased from. */
export const newRateSchedule = (rate: number): RateSchedule => ({
  rate,
  freeAt: 0,
  virtualTime: 0,
  unused: 0,
  ends: {},
});

/**
 * Leases tokens to the requests that are next, and gives each mail that is new its place. A tenant
 * gets its share of the rate as long as its mail waits; one that did not wait before, and has a full
 * share, comes next.
 *
 * @param requests oldest mail first
 * @param now epoch milliseconds
 */
export function leaseTokens(
  before: RateSchedule,
  requests: readonly LeaseRequest[],
  now: number,
): { readonly schedule: RateSchedule; readonly leases: readonly RateLease[] } {
  let schedule = asOf(before, now);
  const leases: RateLease[] = [];
  for (const request of requests) {
    const { tenant, recipients, share = 1 } = request;
    const isFirst = share === 1 && isOvertaking(schedule, tenant);
    const joins = request.place === undefined || isLost(schedule, request.place);
    const place = joins ? nextPlace(schedule, tenant) : request.place;
    if (joins) {
      schedule = joined(schedule, tenant, place + request.joining / share, share);
    }
    const expectedAt = expectedLeave(schedule, place, now);
    const ahead = aheadMs(schedule, recipients);
    if (expectedAt <= now + ahead + (isFirst ? FIRST_MS : 0)) {
      leases.push({ kind: 'granted', place, at: Math.max(now, schedule.freeAt) });
      schedule = granted(schedule, recipients, !joins && place <= schedule.virtualTime);
    } else {
      leases.push({ kind: 'wait', place, askAt: expectedAt - ahead, expectedAt });
    }
  }
  return { schedule, leases };
}

/**
 * Returns when the mail at a place of the line is expected to leave, epoch milliseconds; mail that
 * comes meanwhile may move it back.
 */
export function expectedLeave(schedule: RateSchedule, place: number, now: number): number {
  const before = millisecondsOf(schedule, recipientsBefore(schedule, place));
  return Math.max(now, asOf(schedule, now).freeAt + before);
}

function joined(
  schedule: RateSchedule,
  tenant: TenantId,
  end: number,
  share: number,
): RateSchedule {
  const { [tenant]: _before, ...others } = schedule.shares ?? {};
  return withShares(
    { ...schedule, ends: { ...schedule.ends, [tenant]: rounded(end) } },
    share === 1 ? others : { ...others, [tenant]: share },
  );
}

function withShares(
  { shares: _before, ...schedule }: RateSchedule,
  shares: Readonly<Record<TenantId, number>>,
): RateSchedule {
  return Object.keys(shares).length === 0 ? schedule : { ...schedule, shares };
}

/** The part of what others get that a tenant in line gets. */
export const shareOf = ({ shares }: RateSchedule, tenant: TenantId): number =>
  shares?.[tenant] ?? 1;

const isOvertaking = ({ ends }: RateSchedule, tenant: TenantId): boolean =>
  ends[tenant] === undefined && Object.keys(ends).length > 0;

/** A place that passed long ago was that of a mail that was held, or failed: it lines up again. */
const isLost = ({ virtualTime, rate }: RateSchedule, place: number): boolean =>
  place < virtualTime - rate * LOST_SECONDS;

/** Returns the place that a tenant's next mail would get. */
export const nextPlace = ({ ends, virtualTime }: RateSchedule, tenant: TenantId): number =>
  Math.max(virtualTime, ends[tenant] ?? virtualTime);

/** Leaves a gap before the next token: the exit asked to slow down. */
export const withGap = (
  schedule: RateSchedule,
  milliseconds: number,
  now: number,
): RateSchedule => ({
  ...schedule,
  freeAt: Math.max(schedule.freeAt, now) + milliseconds,
});

/** The milliseconds that the tokens of a call take. */
const millisecondsOf = ({ rate }: RateSchedule, recipients: number): number =>
  (recipients * 1_000) / (rate > SLOW.rate ? rate : rate * SLOW.used);

const aheadMs = (schedule: RateSchedule, recipients: number): number => {
  const taken = millisecondsOf(schedule, recipients) - millisecondsOf(schedule, 1);
  return Math.max(AHEAD_MS.least, AHEAD_MS.most - taken);
};

const burstMs = ({ rate }: RateSchedule): number =>
  Math.min(BURST_MS, Math.max(0, 1_000 - 1_000 / rate));

/** Of every tenant, the recipients in line before that place. */
function recipientsBefore(schedule: RateSchedule, place: number): number {
  const { ends, virtualTime } = schedule;
  if (place <= virtualTime) return 0;
  return linesOf(ends).reduce(
    (sum, [tenant, end]) =>
      sum + Math.max(0, Math.min(end, place) - virtualTime) * shareOf(schedule, tenant),
    0,
  );
}

const linesOf = (ends: RateSchedule['ends']) => Object.entries(ends) as [TenantId, number][];

/**
 * Tokens that nobody took in time are lost. Those who are first in line may be late; where many are
 * lost, their mail is gone, and the line moves on.
 */
function asOf(schedule: RateSchedule, now: number): RateSchedule {
  const { freeAt, ends, rate } = schedule;
  const latest = now + LATEST_MS;
  if (freeAt > latest) return { ...schedule, freeAt: latest };
  const since = now - burstMs(schedule);
  if (freeAt >= since) return schedule;
  if (Object.keys(ends).length === 0) return { ...schedule, freeAt: since, unused: 0 };
  const lost = schedule.unused + (since - freeAt) / millisecondsOf(schedule, 1);
  const unused = Math.min(lost, rate * GONE_SECONDS);
  return { ...served(schedule, lost - unused), freeAt: since, unused: rounded(unused) };
}

const granted = (schedule: RateSchedule, recipients: number, toFirst: boolean): RateSchedule => ({
  ...served(schedule, recipients),
  freeAt: schedule.freeAt + millisecondsOf(schedule, recipients),
  unused: toFirst ? 0 : schedule.unused,
});

/** Moves virtual time on by tokens that the tenants in line share; a line that is served ends. */
function served(schedule: RateSchedule, tokens: number): RateSchedule {
  const lines = linesOf(schedule.ends).toSorted(([, one], [, other]) => one - other);
  let shares = lines.reduce((sum, [tenant]) => sum + shareOf(schedule, tenant), 0);
  let { virtualTime } = schedule;
  let left = tokens;
  while (lines.length > 0 && left > 0) {
    const [tenant, end] = lines[0] as [TenantId, number];
    const needed = Math.max(0, end - virtualTime) * shares;
    if (needed > left) {
      virtualTime = rounded(virtualTime + left / shares);
      break;
    }
    left -= needed;
    virtualTime = Math.max(virtualTime, end);
    shares -= shareOf(schedule, tenant);
    lines.shift();
  }
  const inLine = lines.filter(([tenant]) => schedule.shares?.[tenant] !== undefined);
  return withShares(
    { ...schedule, virtualTime, ends: Object.fromEntries(lines) },
    Object.fromEntries(inLine.map(([tenant]) => [tenant, shareOf(schedule, tenant)])),
  );
}

/** Short in a table, and exact enough for any number of recipients. */
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
