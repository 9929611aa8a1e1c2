import { DUE_PARTITIONS, type CheckStore, type DueCheck } from '#shared/ports/check-store.ts';
import type { CheckRequest, Queue } from '#shared/ports/queues.ts';

export interface PlannerPorts {
  readonly checks: Pick<CheckStore, 'due' | 'lease'>;
  readonly checkQueue: Queue<CheckRequest>;
}

/**
 * The most checks that one run queues of one partition. A run comes every minute, so all 16 make
 * 4,000 a minute or 5,760,000 a day: 1,000,000 domains, each checked daily, need 695 a minute; the
 * rest is for those that sent mail lately, are at risk or wait to be verified, which are checked
 * hourly or more often: 198,000 of them at a time.
 *
 * A run makes a query or two a partition, then a conditional write a check and a call of the queue
 * for every ten: 250 and 25 a partition, all partitions at a time. At 10 ms each that is under a
 * second, far from the function's 50 s.
 */
export const MOST_PER_PARTITION = 250;
/** What one call of the queue takes. */
const PER_SEND = 10;
/**
 * After this time a check that was queued, but not made, is due again. Longer than it stays in the
 * queue: 20 checkers of 10 checks at a time, each of some seconds, make over 2,000 a minute.
 */
const LEASE_MS = 15 * 60_000;

/** What a run did: how many checks it queued, and in how many partitions more were due than it may take. */
export interface PlanOutcome {
  readonly queued: number;
  readonly full: number;
}

/** Queues the checks that are due; what is over the bound is left to the next run, the longest due first. */
export async function planChecks(
  { checks, checkQueue }: PlannerPorts,
  now: Date,
): Promise<PlanOutcome> {
  const until = new Date(now.getTime() + LEASE_MS).toISOString();
  const outcomes = await Promise.all(
    Array.from({ length: DUE_PARTITIONS }, async (_, partition) => {
      const due = await checks.due(partition, now.toISOString(), MOST_PER_PARTITION);
      let queued = 0;
      for (let start = 0; start < due.length; start += PER_SEND) {
        const taken = await leaseAll(checks, due.slice(start, start + PER_SEND), until);
        if (taken.length > 0) await checkQueue.send(taken);
        queued += taken.length;
      }
      return { queued, full: due.length === MOST_PER_PARTITION ? 1 : 0 };
    }),
  );
  return {
    queued: outcomes.reduce((sum, { queued }) => sum + queued, 0),
    full: outcomes.reduce((sum, { full }) => sum + full, 0),
  };
}

/** Those that nobody else took in between. */
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
