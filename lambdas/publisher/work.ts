import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import { packBatches, type Batch } from '#shared/core/records/batches.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { mapLimited } from '#shared/async/limit.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import { changesFor, observed } from './plan.ts';
import type { HeldZone } from './held-zone.ts';
import type { PublisherPorts } from './ports.ts';

/** The work for one claim. */
export interface Work {
  readonly claim: Claim;
  readonly desired: readonly HostedRecord[];
  /** The publication as it is in the table. */
  readonly stored: Publication;
  /**
   * The published records, as far as we know now; differs from `stored` where the zone was read.
   */
  readonly base: Publication;
  /** True if `base` was read from the zone in this round. */
  readonly observed: boolean;
  readonly changes: readonly RecordChange[];
}

/** The part of a pass that its rounds share. */
export interface PassState {
  readonly shard: ShardName;
  /** Labels not settled yet; those left over when the round ends are for the next one. */
  readonly open: Set<Label>;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly zone: Pick<HeldZone, 'keep'>;
  /** When the first key of these was revoked, ISO 8601. */
  readonly revokedAt: string | undefined;
}

export interface Round extends PassState {
  readonly ports: PublisherPorts;
  /** Claims marked uncertain for a submission of which we know that nothing came. */
  readonly held: Map<Label, Work>;
}

export const isOver = ({ ports, deadline }: Round) => ports.clock.now().getTime() >= deadline;
export const nowOf = ({ ports }: Round) => ports.clock.now().toISOString();

/** Reads what the zone really holds of a claim and computes its changes again. */
export async function observe(round: Round, work: Work): Promise<Work> {
  const { ports, shard, deadline } = round;
  const list = () => ports.zone.listLabel(shard, work.claim.label);
  const actual = await retry(throttledUntil(deadline), list, ports);
  const base = observed(work.stored, actual.records);
  return { ...work, base, observed: true, changes: changesFor(work.desired, base) };
}

/** Batches of claims; of a claim too big for one, the first part: the next round sees to the rest. */
export function pack(works: readonly Work[]): Batch<Work>[] {
  const seen = new Set<Work>();
  return packBatches(works.map((work) => ({ key: work, changes: work.changes }))).filter((batch) =>
    batch.every(({ key }) => !seen.has(key) && seen.add(key)),
  );
}

/** Notes a claim of which everything is published already, where the table does not say so yet. */
export async function noteIdle(round: Round, work: Work): Promise<void> {
  const next = settled(work.base, work.claim);
  const { revision } = work.stored;
  const isNoted = isDeepStrictEqual({ ...next, revision }, work.stored);
  const written = isNoted ? work : await write(round, work, next);
  round.held.delete(work.claim.label);
  if (written !== undefined) round.open.delete(work.claim.label);
}

/** Notes why a claim cannot be published; what is published of it stays as it is. */
export async function park(round: Round, work: Work, reason: string): Promise<void> {
  const { ports, shard, open, held } = round;
  const { label, version } = work.claim;
  const since = work.stored.parked?.since ?? nowOf(round);
  const parked = { reason, since, claimVersion: version };
  const written = await write(round, work, { ...work.base, parked });
  held.delete(label);
  if (written === undefined) return;
  open.delete(label);
  ports.log({ kind: 'parked', shard, label, reason });
}

/** A publication that is all that its claim wants. */
export function settled(publication: Publication, claim: Claim): Publication {
  const { parked: _over, ...rest } = publication;
  return { ...rest, claimVersion: claim.version };
}

/** Writes on top of what we read. @returns the work with it, undefined where another writer came first */
export async function write(
  round: Round,
  work: Work,
  next: Publication,
): Promise<Work | undefined> {
  const stored = { ...next, revision: work.stored.revision + 1 };
  try {
    await round.ports.publications.put(stored);
    return { ...work, stored };
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}

/** The number of concurrent writes of the publications table. */
const WRITES_AT_ONCE = 25;

/** Writes many, some at a time. */
export const several = <T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> =>
  mapLimited(items, { tasks: WRITES_AT_ONCE }, act);
