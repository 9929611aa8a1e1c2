/** Something measured: the nanoseconds of its best window, per run. */
export interface Measured {
  readonly name: string;
  readonly nanoseconds: number;
}

export interface Measurable {
  readonly name: string;
  run(): unknown;
}

/** As long as a window should be: long beside the clock's step, short beside what disturbs it. */
const WINDOW_NS = 4e6;

/**
 * Measures several subjects by turns, a short window of each in every round, so that a disturbance
 * affects all of them. The best window of each counts.
 *
 * @param seconds how long to go on at least
 * @param rounds how many rounds at least
 */
export async function measureByTurns(
  subjects: readonly Measurable[],
  seconds: number,
  rounds: number,
): Promise<Measured[]> {
  const turns = [];
  for (const subject of subjects) {
    // warm first: a window sized by a cold call is many times too short, and favours who ran before
    await warmUp(subject);
    const warm = await windowOf(subject, 1);
    turns.push({ subject, runs: Math.max(1, Math.round(WINDOW_NS / warm)), best: warm });
  }
  const end = performance.now() + seconds * 1_000;
  for (let round = 0; round < rounds || performance.now() < end; round += 1) {
    for (const turn of turns)
      turn.best = Math.min(turn.best, await windowOf(turn.subject, turn.runs));
  }
  return turns.map(({ subject, best }) => ({ name: subject.name, nanoseconds: best }));
}

/** Long enough for the compiler to be done with what the subject runs. */
async function warmUp(subject: Measurable): Promise<void> {
  const end = performance.now() + 300;
  for (let runs = 0; runs < 3 || performance.now() < end; runs += 1) await subject.run();
}

/** Nanoseconds per run over one window. What a run returns is awaited only where it is a promise. */
async function windowOf(subject: Measurable, runs: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < runs; i += 1) {
    const result = subject.run();
    if (result instanceof Promise) await result;
  }
  return Number(process.hrtime.bigint() - start) / runs;
}
