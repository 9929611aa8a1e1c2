import { Conflict } from '#shared/core/model/errors.ts';
import { MOST_FAILING, WAVES } from '#shared/core/model/rotation.ts';
import type { RotationProgress, RotationRun } from '#shared/app/ports/rotation-runs.ts';
import type { PlannerPorts } from './ports.ts';
import { queueSome, type Queued } from './queue-wave.ts';
import { HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

/** The seconds of work queued ahead: enough until the next call, little enough to halt soon. */
const AHEAD_SECONDS = 150;
/** The interval of checks for a finished wave, so that the workers are not idle for long. */
const POLL_MS = 2_000;
/** Batches that take longer were lost on their way, or their workers fail. */
const STALLED_MS = HOUR_MS;

/** Begins the run of a period; one that has begun goes on as it is. */
export async function begin(ports: PlannerPorts, period: string): Promise<void> {
  const run = await ports.runs.start(period, ports.clock.now().toISOString());
  ports.log({ kind: 'began', run });
}

/**
 * Advances the run of the latest period until the deadline. It queues claims while there is little
 * ahead of the workers, goes to the next wave after post-send verification, and halts where that
 * fails. Each step is saved before the next, so that any other call goes on from there; claims
 * queued twice count once. During post-send verification the next call checks again.
 *
 * @param deadline epoch milliseconds
 */
export async function advance(ports: PlannerPorts, deadline: number): Promise<void> {
  const { runs, clock, sleep, log } = ports;
  let run = await runs.latest();
  if (run === undefined || run.finishedAt !== undefined || run.halted !== undefined) return;
  let progress = await runs.progress(run.period);
  try {
    while (clock.now().getTime() < deadline) {
      const changes = await step(run, progress, ports);
      if (changes === undefined) {
        const isOver = clock.now().getTime() + POLL_MS >= deadline;
        if (isOver || run.stage === 'watching') break;
        await sleep(POLL_MS);
        progress = await runs.progress(run.period);
        continue;
      }
      const next: RotationRun = { ...run, ...changes, revision: run.revision + 1 };
      await runs.save(next);
      if (next.wave !== run.wave) log({ kind: 'began', run: next });
      run = next;
      progress = await runs.progress(run.period);
      if (run.halted !== undefined) {
        return log({ kind: 'halted', run, reason: run.halted.reason });
      }
      if (run.finishedAt !== undefined) return log({ kind: 'finished', run, progress });
    }
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    return log({ kind: 'overtaken', run });
  }
  log({ kind: isStalled(run, clock.now()) ? 'stalled' : 'progress', run, progress });
}

const isStalled = ({ stage, stageSince }: RotationRun, now: Date): boolean =>
  stage === 'settling' && now.getTime() - Date.parse(stageSince) > STALLED_MS;

type Changes = Partial<RotationRun>;

/** @returns what changes; undefined where the run has to wait */
async function step(
  run: RotationRun,
  progress: RotationProgress,
  ports: PlannerPorts,
): Promise<Changes | undefined> {
  const now = ports.clock.now();
  const at = now.toISOString();
  const reason = whyHalted(run, progress);
  if (reason !== undefined) return { halted: { at, reason } };
  const done = progress.waves[run.wave]?.batches ?? 0;
  switch (run.stage) {
    case 'queueing': {
      const settled = Object.values(progress.tally).reduce((sum, count) => sum + count, 0);
      const ahead = Math.ceil(ports.settings.claimsPerSecond * AHEAD_SECONDS);
      const room = ahead - (run.planned - settled);
      return room <= 0 ? undefined : queued(run, await queueSome(run, room, ports), at);
    }
    case 'settling':
      if (done < run.batches) return undefined;
      if (run.wave === WAVES.length - 1) return { finishedAt: at };
      return run.batches === 0 ? nextWave(run, at) : { stage: 'watching', stageSince: at };
    case 'watching': {
      const watched = now.getTime() - Date.parse(run.stageSince);
      return watched < ports.settings.watchMinutes * MINUTE_MS ? undefined : nextWave(run, at);
    }
  }
}

/** Without a cursor the wave is queued whole. */
const queued = (run: RotationRun, { batches, claims, cursor }: Queued, at: string): Changes => ({
  batches: run.batches + batches,
  planned: run.planned + claims,
  ...(cursor === undefined ? { stage: 'settling', stageSince: at } : { cursor }),
});

const nextWave = ({ wave }: RotationRun, at: string): Changes => ({
  wave: wave + 1,
  stage: 'queueing',
  stageSince: at,
  cursor: { shard: 0 },
  batches: 0,
});

/** The brake: sampled mail of any wave so far that fails more often than it may. */
export function whyHalted(
  { pardoned: acknowledged = [] }: Pick<RotationRun, 'pardoned'>,
  { waves }: Pick<RotationProgress, 'waves'>,
): string | undefined {
  const found = waves.findIndex(({ verified, unverified }, wave) => {
    const failing = unverified - (acknowledged[wave] ?? 0);
    return failing > (verified + failing) * MOST_FAILING;
  });
  if (found === -1) return undefined;
  const { verified, unverified } = waves[found] as RotationProgress['waves'][number];
  return `${unverified} of ${verified + unverified} sampled mails signed with keys of the wave "${WAVES[found]}" do not verify against public DNS`;
}
