import { Conflict } from '#shared/core/model/errors.ts';
import { WAVES, type Tally, type TallyKey } from '#shared/core/model/rotation.ts';
import {
  newRun,
  type BatchName,
  type RotationProgress,
  type RotationRun,
  type RotationRuns,
} from '#shared/app/ports/rotation-runs.ts';

interface Counters {
  tally: Tally;
  later: Tally;
  waves: { batches: number; verified: number; unverified: number }[];
  readonly batches: Set<string>;
}

/** Runs of the monthly rotation in memory. */
export class MemoryRotationRuns implements RotationRuns {
  readonly runs = new Map<string, RotationRun>();
  readonly #counters = new Map<string, Counters>();

  async start(period: string, at: string): Promise<RotationRun> {
    const run = this.runs.get(period) ?? newRun(period, at);
    this.runs.set(period, run);
    return run;
  }

  async latest(): Promise<RotationRun | undefined> {
    const last = [...this.runs.keys()].toSorted().at(-1);
    return last === undefined ? undefined : this.runs.get(last);
  }

  async save(run: RotationRun): Promise<void> {
    if (this.runs.get(run.period)?.revision !== run.revision - 1) {
      throw new Conflict(`the rotation run of ${run.period}`);
    }
    this.runs.set(run.period, structuredClone(run));
  }

  async progress(period: string): Promise<RotationProgress> {
    const { batches: _, ...progress } = this.#of(period);
    return structuredClone(progress);
  }

  async count({ period, wave, batch }: BatchName, tally: Tally): Promise<void> {
    const counters = this.#of(period);
    const name = `${wave} ${batch}`;
    if (counters.batches.has(name)) return;
    counters.batches.add(name);
    counters.waves[wave]!.batches += 1;
    counters.tally = sum(counters.tally, tally);
  }

  async countLater(period: string, tally: Tally): Promise<void> {
    const counters = this.#of(period);
    counters.later = sum(counters.later, tally);
  }

  async countSample(sample: { period: string; wave: number; verified: boolean }): Promise<void> {
    this.#of(sample.period).waves[sample.wave]![sample.verified ? 'verified' : 'unverified'] += 1;
  }

  #of(period: string): Counters {
    const counters = this.#counters.get(period) ?? {
      tally: {},
      later: {},
      waves: WAVES.map(() => ({ batches: 0, verified: 0, unverified: 0 })),
      batches: new Set(),
    };
    this.#counters.set(period, counters);
    return counters;
  }
}

function sum(a: Tally, b: Tally): Tally {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])] as TallyKey[];
  return Object.fromEntries(keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}
