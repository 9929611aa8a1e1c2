import { DUE_PARTITIONS, type CheckStore, type DueCheck } from '#shared/app/ports/check-store.ts';
import type { CheckRequest, Queue } from '#shared/app/ports/queues.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { MINUTE_MS, later } from '#shared/core/time.ts';

export interface PlannerPorts {
  readonly checks: Pick<CheckStore, 'due' | 'lease'>;
  readonly checkQueue: Queue<CheckRequest>;
}

/**
 * The most checks that one run queues of one partition. A run comes every minute, so all 16 make
 * 4,000 a minute or 5,760,000 a day. 1,000,000 domains, each checked a little before its day is
 * over, need 735 a minute. The rest is for 186,000 domains at a time, checked hourly or more often:
 * recent senders, those at risk, and those to be verified.
 *
 * A run makes a query or two a partition, a conditional write a check and a queue call for every
 * ten: 250 and 25, all partitions at a time. At 10 ms each that is under a second, far from the
 * function's 50 s.
 */
export const MOST_PER_PARTITION = 250;
/** The most messages of one call of the queue. */
const PER_SEND = 10;
/**
 * After this time, which exceeds its time in the queue, a check that was queued, but not made, is
 * due again. 20 checkers of 10 concurrent checks, about a second each, make 12,000 a minute, and
 * still 2,400 where every domain's servers keep silent.
 */
const LEASE_MS = 15 * MINUTE_MS;

/** The result of a run: the number of checks queued, and of partitions that reached their bound. */
export interface PlanOutcome {
  readonly queued: number;
  readonly full: number;
}

/**
 * Queues the checks that are due; what is over the bound is left to the next run, the longest due
 * first. A partition that fails holds up no other.
 *
 * @throws AggregateError with what the partitions failed with, once all have ended
 */
export async function planChecks(ports: PlannerPorts, now: Date): Promise<PlanOutcome> {
  const partitions = Array.from({ length: DUE_PARTITIONS }, (_, partition) => partition);
  const outcomes = await Promise.allSettled(
    partitions.map((partition) => planPartition(ports, partition, now)),
  );
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  if (failures.length > 0) {
    throw new AggregateError(
      failures.map(({ reason }) => reason as unknown),
      `${failures.length} of ${DUE_PARTITIONS} partitions could not be planned; their checks are due again with the next run, or when their leases end`,
    );
  }
  const queued = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0));
  return {
    queued: queued.reduce((sum, one) => sum + one, 0),
    full: queued.filter((one) => one === MOST_PER_PARTITION).length,
  };
}

/** @returns how many checks were queued */
async function planPartition(
  { checks, checkQueue }: PlannerPorts,
  partition: number,
  now: Date,
): Promise<number> {
  const until = later(now, LEASE_MS);
  const due = await checks.due(partition, now.toISOString(), MOST_PER_PARTITION);
  let queued = 0;
  for (const part of slicesOf(due, PER_SEND)) {
    const taken = await leaseAll(checks, part, until);
    if (taken.length > 0) await checkQueue.send(taken);
    queued += taken.length;
  }
  return queued;
}

/** Those that no other run leased in between. */
async function leaseAll(
  checks: PlannerPorts['checks'],
  due: readonly DueCheck[],
  until: string,
): Promise<CheckRequest[]> {
  const taken = await Promise.all(due.map((check) => checks.lease(check, until)));
  return due
    .filter((_, index) => taken[index])
    .map(({ tenant, domain, label }) => ({ tenant, domain, label }));
}
