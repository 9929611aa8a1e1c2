import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import { unpublished, type Publication } from '#shared/app/ports/publication-store.ts';
import { readApart } from '#shared/app/stored-items.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { batchCost } from '#shared/core/records/batches.ts';
import { desiredRecords } from '#shared/core/records/desired-records.ts';
import { ZoneTaken } from './held-zone.ts';
import { changesFor } from './plan.ts';
import type { PublisherPorts } from './ports.ts';
import { release, submit } from './submit.ts';
import {
  isOver,
  noteIdle,
  observe,
  pack,
  park,
  several,
  type PassState,
  type Round,
  type Work,
} from './work.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** A change is mostly INSYNC within a minute; a poll that takes longer was perhaps lost. */
const POLL_AGAIN_AFTER_MS = 2 * MINUTE_MS;

/**
 * Reads, computes, submits and notes once, and takes the labels that came to an end out of `open`.
 *
 * Before a submission each claim of the batch is marked uncertain, after it the outcome is noted,
 * both on the condition that no other writer came between. A publisher that dies in between leaves
 * the mark, and the next one reads the zone instead of trusting the table.
 *
 * @throws Throttled where the zone still throttles as time runs out
 * @throws ZoneUnavailable where the zone does not answer
 * @throws ZoneTaken where the zone must be handed over
 */
export async function publishRound(ports: PublisherPorts, pass: PassState): Promise<void> {
  const round: Round = { ...pass, ports, held: new Map() };
  try {
    const works = await plan(round);
    const idle = works.filter(({ changes }) => changes.length === 0);
    // First, since a claim that is noted is not tried again.
    await pollAgain(round, idle);
    await several(idle, (work) => noteIdle(round, work));
    const busy = works.filter(({ changes }) => changes.length > 0);
    const queue = [
      ...pack(busy.filter((work) => !isParked(work))),
      // Claims refused before go last and alone, so that they hold up no others.
      ...busy.filter(isParked).flatMap((work) => pack([work])),
    ];
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      if (isOver(round)) break;
      queue.unshift(...(await submit(round, batch)));
    }
  } catch (error) {
    if (releasedAfter.some((kind) => error instanceof kind)) await release(round);
    throw error;
  }
  await release(round);
}

/** After an outage of the tables, the marks stay, and the next round reads the zone. */
const releasedAfter = [Throttled, ZoneUnavailable, ZoneTaken];

const isParked = ({ stored }: Work) => stored.parked !== undefined;

async function plan(round: Round): Promise<Work[]> {
  const { ports, shard, open } = round;
  const labels = [...open];
  const [{ found: claims, malformed }, { found: publications, malformed: unreadable }] =
    await Promise.all([
      readApart(labels, (some) => ports.claims.getByLabels(some)),
      readApart(labels, (some) => ports.publications.get(shard, some)),
    ]);
  const keyIds = [...claims.values()].flatMap((claim) => claim.keys.map((key) => key.id));
  const revoked = await ports.revokedKeys.among(keyIds);
  const works: Work[] = [];
  for (const label of labels) {
    if (isOver(round)) break;
    if (malformed.has(label) || unreadable.has(label)) {
      // A message that fails would hold up its shard: the reconciler comes back to it every day.
      open.delete(label);
      continue;
    }
    const claim = claims.get(label);
    if (claim === undefined || claim.shard !== shard) {
      ports.log({ kind: 'no-claim', shard, label });
      open.delete(label);
      continue;
    }
    const stored = publications.get(label) ?? unpublished(shard, label);
    const work = await desire(round, claim, stored, revoked);
    if (work === undefined) continue;
    const known = stored.uncertainSince === undefined ? work : await observe(round, work);
    if (known !== undefined) works.push(known);
  }
  return works;
}

/** Undefined where the records cannot be made: the claim is parked. */
async function desire(
  round: Round,
  claim: Claim,
  stored: Publication,
  revoked: ReadonlySet<string>,
): Promise<Work | undefined> {
  const work: Work = { claim, desired: [], stored, base: stored, observed: false, changes: [] };
  try {
    const desired = desiredRecords(claim, revoked, round.ports.deployment);
    const changes = changesFor(desired, stored);
    batchCost(changes);
    return { ...work, desired, changes };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    await park(round, work, error.message);
    return undefined;
  }
}

/** Queues again the polls of changes that should have been INSYNC by now. */
async function pollAgain(round: Round, idle: readonly Work[]): Promise<void> {
  const { ports, shard } = round;
  const overdue = new Map<string, { submittedAt: string; labels: Set<Label> }>();
  for (const { base } of idle) {
    for (const { changeId, submittedAt } of Object.values(base.pending)) {
      const age = ports.clock.now().getTime() - Date.parse(submittedAt);
      if (age < POLL_AGAIN_AFTER_MS) continue;
      const poll = overdue.get(changeId) ?? { submittedAt, labels: new Set() };
      overdue.set(changeId, poll);
      poll.labels.add(base.label);
    }
  }
  await ports.insyncQueue.send(
    [...overdue].map(([changeId, { submittedAt, labels }]) => ({
      shard,
      labels: [...labels],
      changeId,
      submittedAt,
    })),
  );
}
