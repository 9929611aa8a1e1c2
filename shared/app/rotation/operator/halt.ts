import type { RotationRun } from '../../ports/rotation-runs.ts';
import type { OperatorPorts } from './ports.ts';

/**
 * Halts the run of the latest period.
 *
 * @returns the run; undefined where none is under way
 * @throws Conflict where the planner is just at it; to be tried again
 */
export async function haltRun(
  reason: string,
  { runs, clock }: OperatorPorts,
): Promise<RotationRun | undefined> {
  const run = await runs.latest();
  if (run === undefined || run.finishedAt !== undefined) return undefined;
  const halted = { at: clock.now().toISOString(), reason };
  const next = { ...run, revision: run.revision + 1, halted };
  await runs.save(next);
  return next;
}

/**
 * Lets a halted run go on. Sampled mail that failed until now halts it no more.
 *
 * @returns the run; undefined where none is halted
 * @throws Conflict where the planner is just at it; to be tried again
 */
export async function resumeRun({ runs }: OperatorPorts): Promise<RotationRun | undefined> {
  const run = await runs.latest();
  if (run?.halted === undefined) return undefined;
  const { halted: _, ...rest } = run;
  const { waves } = await runs.progress(run.period);
  const acknowledged = waves.map(({ unverified }) => unverified);
  const next = { ...rest, revision: run.revision + 1, pardoned: acknowledged };
  await runs.save(next);
  return next;
}
