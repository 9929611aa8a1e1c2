import {
  leaseTokens,
  newRateSchedule,
  withGap,
  type LeaseRequest,
  type RateLease,
} from '#shared/core/model/rate-lease.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RateSchedules, StoredSchedule } from '../ports/rate-schedules.ts';

export interface RateLeasePorts {
  readonly schedules: Pick<RateSchedules, 'change'>;
  /** Recipients a second that the exit allows the account; by a call that it takes once a second. */
  readonly askRate: () => Promise<number>;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly log: Log;
}

/** The leases of one signer. Requests made at once share a write. */
export interface RateLeases {
  /**
   * Leases the tokens of one exit call, before its mail is fetched and signed.
   *
   * @throws Conflict, or what the table throws
   */
  lease(request: LeaseRequest): Promise<RateLease>;
  /** Leaves a gap for all signers: the exit asked to slow down. */
  slowDown(milliseconds: number): Promise<void>;
}

/** The rate changes by days; AWS raises it by itself. */
const RATE_KNOWN_MS = 5 * MINUTE_MS;
/** It is asked for again after this time where the exit did not answer. */
const ASK_AGAIN_MS = 10_000;
/** What the messages of a batch ask for at about the same time shares a write. */
const GATHER_MS = 2;
/** That of an account in the sandbox of Amazon SES: no account has less. */
const LOWEST_RATE = 1;

interface Waiting {
  readonly request: LeaseRequest;
  readonly settle: PromiseWithResolvers<RateLease>;
}

/** A time that is not yet was written by a clock that was wrong. */
const mustAskAgain = ({ rateAskedAt }: StoredSchedule, now: number): boolean =>
  rateAskedAt > now + RATE_KNOWN_MS || now - rateAskedAt >= RATE_KNOWN_MS;

const byAge = ({ request: one }: Waiting, { request: other }: Waiting): number =>
  one.acceptedAt < other.acceptedAt ? -1 : 1;

/** Leases by the schedule that all signers share. */
export function rateLeases({ schedules, askRate, clock, sleep, log }: RateLeasePorts): RateLeases {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  /** @returns true where this signer is the one to ask */
  const mustAsk = (): Promise<boolean> =>
    schedules.change((before) => {
      const now = clock.now().getTime();
      const known = before ?? unused(LOWEST_RATE);
      const isDue = mustAskAgain(known, now);
      return { next: isDue ? { ...known, rateAskedAt: now } : known, result: isDue };
    });

  const refreshRate = async (): Promise<void> => {
    if (!(await mustAsk())) return;
    try {
      const rate = await askRate();
      await schedules.change((before = unused(rate)) => ({
        next: { ...before, rate },
        result: undefined,
      }));
    } catch (error) {
      log.warn('the send rate could not be read', { error });
      await schedules.change((before = unused(LOWEST_RATE)) => ({
        next: { ...before, rateAskedAt: before.rateAskedAt - RATE_KNOWN_MS + ASK_AGAIN_MS },
        result: undefined,
      }));
    }
  };

  /** One write for all that wait. @returns undefined where the rate must be asked for first */
  const leaseAll = (requests: readonly LeaseRequest[]) =>
    schedules.change<readonly RateLease[] | undefined>((before = unused(LOWEST_RATE)) => {
      const now = clock.now().getTime();
      if (mustAskAgain(before, now)) return { next: before, result: undefined };
      const { schedule, leases } = leaseTokens(before, requests, now);
      return { next: { ...before, ...schedule }, result: leases };
    });

  const write = async (): Promise<void> => {
    await sleep(GATHER_MS);
    while (waiting.length > 0) {
      const taken = waiting.toSorted(byAge);
      waiting = [];
      const requests = taken.map(({ request }) => request);
      try {
        let leases = await leaseAll(requests);
        if (leases === undefined) {
          await refreshRate();
          leases = await leaseAll(requests);
        }
        for (const [index, { settle }] of taken.entries()) {
          const lease = leases?.[index];
          if (lease === undefined) settle.reject(new Throttled('the send rate'));
          else settle.resolve(lease);
        }
      } catch (error) {
        for (const { settle } of taken) settle.reject(error);
      }
    }
    writing = undefined;
  };

  return {
    lease(request) {
      const settle = Promise.withResolvers<RateLease>();
      waiting.push({ request, settle });
      writing ??= write();
      return settle.promise;
    },

    async slowDown(milliseconds) {
      await schedules.change((before = unused(LOWEST_RATE)) => ({
        next: { ...before, ...withGap(before, milliseconds, clock.now().getTime()) },
        result: undefined,
      }));
    },
  };
}

const unused = (rate: number): StoredSchedule => ({
  ...newRateSchedule(rate),
  rateAskedAt: 0,
});
