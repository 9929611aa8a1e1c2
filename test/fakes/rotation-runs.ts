import { Conflict } from '#shared/domain/errors.ts';
import type { RotationRun, RotationRuns } from '#shared/ports/rotation-runs.ts';

/** Runs of the monthly rotation in memory. */
export class MemoryRotationRuns implements RotationRuns {
  readonly runs = new Map<string, RotationRun>();

  async start(period: string, at: string): Promise<RotationRun> {
    const run = this.runs.get(period) ?? { period, revision: 1, startedAt: at, due: 0, notDue: 0 };
    this.runs.set(period, run);
    return run;
  }

  async save(run: RotationRun): Promise<void> {
    if (this.runs.get(run.period)?.revision !== run.revision - 1) {
      throw new Conflict(`the rotation run of ${run.period}`);
    }
    this.runs.set(run.period, run);
  }
}
