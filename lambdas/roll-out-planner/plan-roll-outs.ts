import { pages } from '#shared/async/page.ts';
import { isProven, type Claim } from '#shared/core/model/claim.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';

export interface RollOutPlannerPorts {
  readonly claims: Pick<ClaimStore, 'scan'>;
  readonly rollOutQueue: Queue<RollOutRequest>;
}

const CLAIMS_PER_PAGE = 200;

/**
 * Queues every claim that has a DMARC plan under way. A call that comes again queues them again,
 * which changes nothing.
 *
 * @param at the scheduled time, ISO 8601
 * @returns how many it queued
 */
export async function planRollOuts(
  { claims, rollOutQueue }: RollOutPlannerPorts,
  at: string,
): Promise<number> {
  let queued = 0;
  for await (const page of pages((from) => claims.scan({ limit: CLAIMS_PER_PAGE, ...from }))) {
    const due = page.claims
      .filter((claim) => isUnderWay(claim, at))
      .map(({ tenant, domain }) => ({ tenant, domain, at }));
    if (due.length > 0) await rollOutQueue.send(due);
    queued += due.length;
  }
  return queued;
}

/** A plan without a proven domain would act on what others' mail does. */
const isUnderWay = (claim: Claim, at: string): boolean =>
  isProven(claim) && claim.rollOut !== undefined && claim.rollOut.startsAt <= at;
