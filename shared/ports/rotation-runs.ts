/** One monthly run of the rotation: how far its planner has come, and what it counted. */
export interface RotationRun {
  /** `YYYY-MM`, from the Scheduler's scheduled time. */
  readonly period: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  readonly startedAt: string;
  /** Where the next page of claims begins; absent before the first page and after the last. */
  readonly cursor?: string;
  /** Claims whose ring may rotate, and those that may not yet. */
  readonly due: number;
  readonly notDue: number;
  /** Set when every claim was counted. */
  readonly finishedAt?: string;
}

export interface RotationRuns {
  /**
   * Makes the run of a period where there is none yet.
   *
   * @returns the run as it stands: the same one however often it is asked for
   */
  start(period: string, at: string): Promise<RotationRun>;
  /**
   * Writes where the stored revision is still `run.revision - 1`.
   *
   * @throws Conflict
   */
  save(run: RotationRun): Promise<void>;
}
