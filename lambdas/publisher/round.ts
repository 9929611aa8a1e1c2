import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '#shared/domain/claim.ts';
import { Conflict, Throttled } from '#shared/domain/errors.ts';
import type { Label, ShardName } from '#shared/domain/names.ts';
import { markUncertain, unpublished, type Publication } from '#shared/ports/publication-store.ts';
import { ZoneRefusal, ZoneUnavailable } from '#shared/ports/zone.ts';
import { batchCost, packBatches, type Batch, type ClaimChanges } from '#shared/records/batches.ts';
import type { RecordChange } from '#shared/records/changes.ts';
import { desiredRecords } from '#shared/records/desired-records.ts';
import type { HostedRecord } from '#shared/records/hosted-records.ts';
import { patiently } from '#shared/runtime/patience.ts';
import { accepted, changesFor, observed } from './plan.ts';
import type { PublisherPorts } from './ports.ts';

/** What is to be done for one claim. */
interface Work {
  readonly claim: Claim;
  readonly desired: readonly HostedRecord[];
  /** The publication as it is in the table. */
  readonly stored: Publication;
  /** What is published, as far as we know now; differs from `stored` where the zone was read. */
  readonly base: Publication;
  /** Whether `base` was read from the zone in this round. */
  readonly observed: boolean;
  readonly changes: readonly RecordChange[];
}

interface Round {
  readonly ports: PublisherPorts;
  readonly shard: ShardName;
  /** Labels not settled yet; those left over when the round ends are for the next one. */
  readonly open: Set<Label>;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** Claims marked uncertain for a submission of which we know that nothing came. */
  readonly held: Map<Label, Work>;
}

/** How many writes of the publications table are under way at once. */
const WRITES_AT_ONCE = 25;
/** A change is mostly INSYNC within a minute; a poll that takes longer was perhaps lost. */
const POLL_AGAIN_AFTER_MS = 2 * 60_000;
const FIRST_POLL_SECONDS = 10;

/**
 * Reads, computes, submits and notes once, and takes the labels that came to an end out of `open`.
 *
 * Before a submission each claim of the batch is marked uncertain, after it the outcome is noted,
 * both on the condition that nobody else wrote meanwhile. A publisher that dies in between leaves
 * the mark, and the next one reads the zone instead of trusting the table.
 *
 * @throws Throttled where the zone still throttles as time runs out
 * @throws ZoneUnavailable where the zone does not answer
 */
export async function publishRound(
  ports: PublisherPorts,
  shard: ShardName,
  open: Set<Label>,
  deadline: number,
): Promise<void> {
  const round: Round = { ports, shard, open, deadline, held: new Map() };
  try {
    const works = await plan(round);
    const idle = works.filter(({ changes }) => changes.length === 0);
    await several(idle, (work) => noteIdle(round, work));
    await pollAgain(round, idle);
    const busy = works.filter(({ changes }) => changes.length > 0);
    const isParked = ({ stored }: Work) => stored.parked !== undefined;
    const queue = [
      ...pack(busy.filter((work) => !isParked(work))),
      // What was refused before goes last and alone, so that it holds up nobody.
      ...busy.filter(isParked).flatMap((work) => pack([work])),
    ];
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      if (isOver(round)) break;
      queue.unshift(...(await submit(round, batch)));
    }
  } catch (error) {
    if (error instanceof Throttled || error instanceof ZoneUnavailable) await release(round);
    throw error;
  }
  await release(round);
}

const isOver = ({ ports, deadline }: Round) => ports.clock.now().getTime() >= deadline;
const nowOf = ({ ports }: Round) => ports.clock.now().toISOString();

async function plan(round: Round): Promise<Work[]> {
  const { ports, shard, open } = round;
  const labels = [...open];
  const [claims, publications] = await Promise.all([
    ports.claims.getByLabels(labels),
    ports.publications.get(shard, labels),
  ]);
  const keyIds = [...claims.values()].flatMap((claim) => claim.keys.map((key) => key.id));
  const revoked = await ports.revokedKeys.among(keyIds);
  const works: Work[] = [];
  for (const label of labels) {
    if (isOver(round)) break;
    const claim = claims.get(label);
    if (claim === undefined || claim.shard !== shard) {
      ports.report({ kind: 'no-claim', shard, label });
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

/** Reads what the zone really holds of a claim and computes its changes anew. */
async function observe(round: Round, work: Work): Promise<Work> {
  const { ports, shard, deadline } = round;
  const actual = await patiently(ports, deadline, () =>
    ports.zone.listLabel(shard, work.claim.label),
  );
  const base = observed(work.stored, actual.records);
  return { ...work, base, observed: true, changes: changesFor(work.desired, base) };
}

/** Batches of claims; of a claim too big for one, the first part: the next round sees to the rest. */
function pack(works: readonly Work[]): Batch<Work>[] {
  const seen = new Set<Work>();
  return packBatches(works.map((work) => ({ key: work, changes: work.changes }))).filter((batch) =>
    batch.every(({ key }) => !seen.has(key) && seen.add(key)),
  );
}

/** Submits a batch and notes the outcome. @returns what is to be submitted in its place */
async function submit(round: Round, batch: Batch<Work>): Promise<Batch<Work>[]> {
  const { ports, shard, deadline, held } = round;
  const entries = await hold(round, batch);
  if (entries.length === 0) return [];
  const changes = entries.flatMap((entry) => entry.changes);
  for (const { key } of entries) held.delete(key.claim.label);
  let changeId: string;
  try {
    changeId = await patiently(ports, deadline, () => ports.zone.submit(shard, changes));
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

/** Takes the marks back of claims to which nothing was done, so that nobody reads the zone for them. */
async function release(round: Round): Promise<void> {
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
      // Somebody else published meanwhile; which of us came last only the zone knows.
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
  ports.report({ kind: 'published', shard, changeId, claims: entries.length, changes });
}

/**
 * Finds the claims that a batch was refused for. Those that Route 53 names are looked up in the
 * zone, since they may just be there already; who is refused even so, and alone, is parked. Where
 * it names nobody, the batch is halved.
 */
async function isolate(
  round: Round,
  entries: readonly ClaimChanges<Work>[],
  refusal: ZoneRefusal,
): Promise<Batch<Work>[]> {
  const isNamed = ({ key }: ClaimChanges<Work>) =>
    refusal.reasons.some((reason) => reason.includes(key.claim.label));
  const [only] = entries;
  if (entries.length === 1 && only?.key.observed === true) {
    await park(round, only.key, refusal.reasons.join('; '));
    return [];
  }
  const culprits = entries.length === 1 ? entries : entries.filter(isNamed);
  const others = entries.filter((entry) => !culprits.includes(entry));
  // With no culprit this holds as well.
  if (culprits.every(({ key }) => key.observed)) {
    if (culprits.length > 0 && others.length > 0) return [others, culprits];
    const half = Math.ceil(entries.length / 2);
    return [entries.slice(0, half), entries.slice(half)];
  }
  const looked: Work[] = [];
  for (const { key } of culprits) {
    const work = key.observed ? key : await observe(round, key);
    round.held.set(work.claim.label, work);
    looked.push(work);
  }
  const idle = looked.filter(({ changes }) => changes.length === 0);
  await several(idle, (work) => noteIdle(round, work));
  const again = pack(looked.filter(({ changes }) => changes.length > 0));
  return others.length > 0 ? [others, ...again] : again;
}

/** Notes a claim of which everything is published already, where the table does not say so yet. */
async function noteIdle(round: Round, work: Work): Promise<void> {
  const next = settled(work.base, work.claim);
  const { revision } = work.stored;
  const isNoted = isDeepStrictEqual({ ...next, revision }, work.stored);
  const written = isNoted ? work : await write(round, work, next);
  round.held.delete(work.claim.label);
  if (written !== undefined) round.open.delete(work.claim.label);
}

/** Queues anew the polls of changes that should have been INSYNC by now. */
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

async function park(round: Round, work: Work, reason: string): Promise<void> {
  const { ports, shard, open, held } = round;
  const { label, version } = work.claim;
  const since = work.stored.parked?.since ?? nowOf(round);
  const parked = { reason, since, claimVersion: version };
  const written = await write(round, work, { ...work.base, parked });
  held.delete(label);
  if (written === undefined) return;
  open.delete(label);
  ports.report({ kind: 'parked', shard, label, reason });
}

function settled(publication: Publication, claim: Claim): Publication {
  const { parked: _over, ...rest } = publication;
  return { ...rest, claimVersion: claim.version };
}

/** Writes on top of what we read. @returns the work with it, undefined where another writer came first */
async function write(round: Round, work: Work, next: Publication): Promise<Work | undefined> {
  const stored = { ...next, revision: work.stored.revision + 1 };
  try {
    await round.ports.publications.put(stored);
    return { ...work, stored };
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}

async function several<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += WRITES_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + WRITES_AT_ONCE).map(act))));
  }
  return results;
}
