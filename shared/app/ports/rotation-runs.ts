import type { Label } from '#shared/core/model/names.ts';
import type { Tally } from '#shared/core/model/rotation.ts';

/**
 * The phase of the wave under way.
 *
 * - `queueing`: its claims are being queued.
 * - `settling`: all are queued; some batches are not done yet.
 * - `watching`: all are done; mail signed with their new keys is watched before the next wave
 *   begins.
 */
export type RunStage = 'queueing' | 'settling' | 'watching';

/** One monthly run of the rotation, as its planner keeps it. */
export interface RotationRun {
  /** `YYYY-MM`, from the Scheduler's scheduled time. */
  readonly period: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  readonly startedAt: string;
  /** Index into `WAVES`. */
  readonly wave: number;
  readonly stage: RunStage;
  /** When the stage began, ISO 8601. */
  readonly stageSince: string;
  /** The start of the wave's next page; absent before the first. */
  readonly cursor?: RunCursor;
  /** Batches of the wave that were queued so far. */
  readonly batches: number;
  /** Claims of all waves that were queued so far. */
  readonly planned: number;
  /** Set while nothing of the run may go on. */
  readonly halted?: { readonly at: string; readonly reason: string };
  /**
   * By wave: the failures of sampled mail that an operator acknowledged, which halt the run no
   * more.
   */
  readonly pardoned?: readonly number[];
  /** Set when every wave is done. */
  readonly finishedAt?: string;
}

/** A place among the labels of all shards. */
export interface RunCursor {
  /** From 0. */
  readonly shard: number;
  /** The last label of the page before; absent at the shard's beginning. */
  readonly after?: Label;
}

/** The workers' counters of a run. */
export interface RotationProgress {
  /** The outcomes of the claims when their turn came. */
  readonly tally: Tally;
  /** The outcomes, in the daily retries, of claims that had been left over. */
  readonly later: Tally;
  /** By wave. */
  readonly waves: readonly WaveProgress[];
}

export interface WaveProgress {
  /** Batches that are done. */
  readonly batches: number;
  /** Sampled mail signed with a key of this wave that verified against public DNS, and that did not. */
  readonly verified: number;
  readonly unverified: number;
}

export interface RotationRuns {
  /**
   * Makes the run of a period where there is none yet.
   *
   * @returns the present run: the same one however often it is asked for
   */
  start(period: string, at: string): Promise<RotationRun>;
  /** The run of the latest period, strongly consistent; undefined before the first. */
  latest(): Promise<RotationRun | undefined>;
  /**
   * Writes where the stored revision is still `run.revision - 1`.
   *
   * @throws Conflict
   */
  save(run: RotationRun): Promise<void>;
  progress(period: string): Promise<RotationProgress>;
  /** Counts what became of a batch; of one that was counted before, nothing. */
  count(batch: BatchName, tally: Tally): Promise<void>;
  countLater(period: string, tally: Tally): Promise<void>;
  countSample(sample: { period: string; wave: number; verified: boolean }): Promise<void>;
}

export interface BatchName {
  readonly period: string;
  readonly wave: number;
  readonly batch: number;
}

export const newRun = (period: string, at: string): RotationRun => ({
  period,
  revision: 1,
  startedAt: at,
  wave: 0,
  stage: 'queueing',
  stageSince: at,
  batches: 0,
  planned: 0,
});
