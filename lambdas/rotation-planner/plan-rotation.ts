import type { Claim } from '#shared/domain/claim.ts';
import { rotationDue } from '#shared/domain/rotation.ts';
import type { ClaimStore } from '#shared/ports/claim-store.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { RotationRun, RotationRuns } from '#shared/ports/rotation-runs.ts';

export interface RotationPlannerPorts {
  readonly claims: Pick<ClaimStore, 'scan'>;
  readonly runs: RotationRuns;
  readonly clock: Clock;
}

const CLAIMS_PER_PAGE = 200;

/**
 * The month of a run, `YYYY-MM`: that of the time for which the Scheduler scheduled it, never the
 * clock's, so that a late or repeated call means the same run.
 *
 * @param scheduledTime ISO 8601, UTC
 * @throws TypeError where it is not a time
 */
export function periodOf(scheduledTime: unknown): string {
  if (typeof scheduledTime !== 'string' || Number.isNaN(Date.parse(scheduledTime))) {
    throw new TypeError(
      `the scheduled time ${JSON.stringify(scheduledTime)} is not a time; the Scheduler must send <aws.scheduler.scheduled-time>`,
    );
  }
  return new Date(scheduledTime).toISOString().slice(0, 7);
}

/**
 * Goes through the claims that sign and counts those that are due, in the one run of the period. A
 * run that was cut short goes on where it stopped; one that has finished is not begun again.
 *
 * @returns the finished run, undefined where it had finished before
 * @throws Conflict where another call is at the same run
 */
export async function planRotation(
  { claims, runs, clock }: RotationPlannerPorts,
  period: string,
): Promise<RotationRun | undefined> {
  let run = await runs.start(period, clock.now().toISOString());
  if (run.finishedAt !== undefined) return undefined;
  while (run.finishedAt === undefined) {
    const { cursor: start, ...rest } = run;
    const now = clock.now();
    const page = await claims.scan({
      limit: CLAIMS_PER_PAGE,
      ...(start === undefined ? {} : { cursor: start }),
    });
    const signing = page.claims.filter(signs);
    const due = signing.filter(({ keys }) => rotationDue(keys, now)).length;
    run = {
      ...rest,
      revision: run.revision + 1,
      due: run.due + due,
      notDue: run.notDue + signing.length - due,
      ...(page.cursor === undefined ? { finishedAt: now.toISOString() } : { cursor: page.cursor }),
    };
    await runs.save(run);
  }
  return run;
}

const signs = ({ lifecycle, status }: Claim): boolean =>
  lifecycle === 'live' && (status === 'verified' || status === 'at-risk');
