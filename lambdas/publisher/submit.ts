import { Throttled } from '#shared/core/model/errors.ts';
import { markUncertain } from '#shared/app/ports/publication-store.ts';
import { ZoneRefusal } from '#shared/app/ports/zone.ts';
import type { Batch, ClaimChanges } from '#shared/core/records/batches.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import { isolate } from './isolate.ts';
import { accepted } from './plan.ts';
import { nowOf, settled, several, write, type Round, type Work } from './work.ts';

const FIRST_POLL_SECONDS = 10;

/** Submits a batch and notes the outcome. @returns what is to be submitted in its place */
export async function submit(round: Round, batch: Batch<Work>): Promise<Batch<Work>[]> {
  const { ports, shard, deadline, held } = round;
  const entries = await hold(round, batch);
  if (entries.length === 0) return [];
  const changes = entries.flatMap((entry) => entry.changes);
  for (const { key } of entries) held.delete(key.claim.label);
  let changeId: string;
  try {
    changeId = await retry(
      throttledUntil(deadline),
      () => ports.zone.submit(shard, changes),
      ports,
    );
  } catch (error) {
    const nothingDone = error instanceof ZoneRefusal || error instanceof Throttled;
    if (nothingDone) for (const { key } of entries) held.set(key.claim.label, key);
    if (error instanceof ZoneRefusal) return isolate(round, entries, error);
    throw error;
  }
  await note(round, entries, changeId);
  return [];
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
  changeId: string,
): Promise<void> {
  const { ports, shard, open } = round;
  const submittedAt = nowOf(round);
  const noted = await several(entries, async ({ key: work, changes }) => {
    const next = accepted(work.base, changes, changeId, submittedAt);
    const isWhole = changes.length === work.changes.length;
    const written = await write(round, work, isWhole ? settled(next, work.claim) : next);
    if (written === undefined) {
      // Another publisher was faster; only the zone knows which of the two came last.
      await markUncertain(ports.publications, shard, work.claim.label, submittedAt);
      return undefined;
    }
    if (isWhole) open.delete(work.claim.label);
    return Object.values(next.pending).some((change) => change.changeId === changeId)
      ? work.claim.label
      : undefined;
  });
  const labels = noted.filter((label) => label !== undefined);
  if (labels.length > 0) {
    await ports.insyncQueue.send([{ shard, labels, changeId, submittedAt }], {
      delaySeconds: FIRST_POLL_SECONDS,
    });
  }
  const changes = entries.reduce((sum, entry) => sum + entry.changes.length, 0);
  ports.log({ kind: 'published', shard, changeId, claims: entries.length, changes });
}
