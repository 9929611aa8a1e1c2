import { Throttled } from '#shared/core/model/errors.ts';
import { markUncertain } from '#shared/app/ports/publication-store.ts';
import { ZoneRefusal } from '#shared/app/ports/zone.ts';
import type { Batch, ClaimChanges } from '#shared/core/records/batches.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import { ZoneTaken } from './held-zone.ts';
import { isolate } from './isolate.ts';
import { accepted } from './plan.ts';
import { nowOf, settled, several, write, type Round, type Work } from './work.ts';

const FIRST_POLL_SECONDS = 10;

/** Submits a batch and notes the outcome. @returns what is to be submitted in its place */
export async function submit(round: Round, batch: Batch<Work>): Promise<Batch<Work>[]> {
  const { ports, shard, deadline, zone, held } = round;
  const entries = await hold(round, batch);
  if (entries.length === 0) return [];
  const changes = entries.flatMap((entry) => entry.changes);
  for (const { key } of entries) held.delete(key.claim.label);
  let changeId: string;
  try {
    const submitOnce = async () => {
      await zone.keep();
      return ports.zone.submit(shard, changes);
    };
    changeId = await retry(throttledUntil(deadline), submitOnce, ports);
  } catch (error) {
    const nothingDone =
      error instanceof ZoneRefusal || error instanceof Throttled || error instanceof ZoneTaken;
    if (nothingDone) for (const { key } of entries) held.set(key.claim.label, key);
    if (error instanceof ZoneRefusal) return isolate(round, entries, error);
    throw error;
  }
  const submittedAt = nowOf(round);
  // Before the notes: of a claim that is noted, nobody asks for a poll again. One without a note is
  // uncertain, and is put again.
  await poll(round, entries, { changeId, submittedAt });
  await note(round, entries, { changeId, submittedAt });
  return [];
}

interface Submission {
  readonly changeId: string;
  /** ISO 8601. */
  readonly submittedAt: string;
}

async function poll(
  { ports, shard, revokedAt }: Round,
  entries: readonly ClaimChanges<Work>[],
  submission: Submission,
): Promise<void> {
  const labels = entries.flatMap(({ key, changes }) =>
    changes.some(({ action }) => action !== 'DELETE') ? [key.claim.label] : [],
  );
  if (labels.length === 0) return;
  const request = {
    shard,
    labels,
    ...submission,
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
  await ports.insyncQueue.send([request], { delaySeconds: FIRST_POLL_SECONDS });
}

/** Marks the claims of a batch uncertain; leaves out those that another writer got to first. */
async function hold(round: Round, batch: Batch<Work>): Promise<ClaimChanges<Work>[]> {
  const entries = await several(batch, async ({ key: work, changes }) => {
    if (work.stored.uncertainSince !== undefined) return { key: work, changes };
    const marked = await write(round, work, { ...work.base, uncertainSince: nowOf(round) });
    return marked && { key: marked, changes };
  });
  return entries.filter((entry) => entry !== undefined);
}

/**
 * Removes the marks of claims to which nothing was done, so that no publisher reads the zone for
 * them.
 */
export async function release(round: Round): Promise<void> {
  const works = [...round.held.values()];
  round.held.clear();
  await several(works, (work) => write(round, work, work.base));
}

async function note(
  round: Round,
  entries: readonly ClaimChanges<Work>[],
  { changeId, submittedAt }: Submission,
): Promise<void> {
  const { ports, shard, open } = round;
  await several(entries, async ({ key: work, changes }) => {
    const next = accepted(work.base, changes, changeId, submittedAt);
    const isWhole = changes.length === work.changes.length;
    const written = await write(round, work, isWhole ? settled(next, work.claim) : next);
    if (written === undefined) {
      // Another publisher was faster; only the zone knows which of the two came last.
      await markUncertain(ports.publications, shard, work.claim.label, submittedAt);
    } else if (isWhole) open.delete(work.claim.label);
  });
  const changes = entries.reduce((sum, entry) => sum + entry.changes.length, 0);
  ports.log({ kind: 'published', shard, changeId, claims: entries.length, changes });
}
