import { retry, retryLimits } from '#shared/async/retry.ts';
import { Throttled, type StoredItemError } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { Publication, PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { InsyncRequest, Queue } from '#shared/app/ports/queues.ts';
import { apart, readApart } from '#shared/app/stored-items.ts';
import { ZoneUnavailable, type ChangeStatus, type Zone } from '#shared/app/ports/zone.ts';

export interface InsyncPorts {
  readonly publications: PublicationStore;
  readonly zone: Pick<Zone, 'changeStatus'>;
  readonly insyncQueue: Queue<InsyncRequest>;
  readonly clock: Clock;
  /**
   * Publishes events of claims that are published for the first time. @param at when that was
   * submitted, ISO 8601
   */
  readonly publishHostedEvents: (labels: readonly Label[], at: string) => Promise<void>;
  readonly log: (event: InsyncEvent) => void;
}

/**
 * - `insync`: all name servers have the change.
 * - `stale`: still pending after 30 minutes; the polling goes on.
 * - `forgotten`: Route 53 knows no such change. The claim's next publication, at the latest the
 *   reconciler's, puts the records again.
 * - `revocation-late`: a change that takes a revoked key out of DNS is not INSYNC a minute after the
 *   key was revoked.
 * - `waiting`: Route 53 would not answer.
 * - `untold`: claims are published for the first time, and that event could not be published; it is
 *   noted once it could.
 * - `failed`: a fault of ours; the messages come again, then go to the dead letters.
 */
export type InsyncEvent =
  | {
      readonly kind: 'insync' | 'stale' | 'revocation-late' | 'forgotten';
      readonly changeId: string;
      readonly seconds: number;
    }
  | { readonly kind: 'waiting'; readonly changeId: string; readonly reason: string }
  | { readonly kind: 'unpublished'; readonly changeId: string; readonly error: unknown }
  | { readonly kind: 'failed'; readonly changeId?: string; readonly error: unknown };

const STALE_SECONDS = 30 * 60;
const REVOKED_SECONDS = 60;
const SHORTEST_DELAY_SECONDS = 10;
const LONGEST_DELAY_SECONDS = 60;

/**
 * Asks Route 53 once for a change and notes it with each unchanged record of it. Otherwise it
 * queues another poll: waiting is no failure and uses up no receives. Ends without a call where
 * later changes have replaced all the records. Labels with a malformed item are left to a message
 * of their own, which fails.
 *
 * @throws StoredItemError where no label is left
 */
export async function poll(ports: InsyncPorts, request: InsyncRequest): Promise<void> {
  const { changeId, submittedAt } = request;
  const { pending: waiting, malformed } = await stillPending(ports.publications, request);
  await leaveAside(ports, request, malformed);
  if (waiting.length === 0) return;
  const seconds = (ports.clock.now().getTime() - Date.parse(submittedAt)) / 1_000;
  const status = await statusOf(ports, changeId);
  if (status === 'pending') {
    if (seconds > STALE_SECONDS) ports.log({ kind: 'stale', changeId, seconds });
    logIfLate(ports, request);
    await pollLater(ports, request, waiting, seconds);
    return;
  }
  const since = status === 'insync' ? ports.clock.now().toISOString() : undefined;
  // A publisher that is just submitting would have to start over for a write in between.
  const busy = waiting.filter(({ uncertainSince }) => uncertainSince !== undefined);
  const free = waiting.filter(({ uncertainSince }) => uncertainSince === undefined);
  const firsts = since === undefined ? [] : free.filter(isFirst);
  // Published before it is noted: noted changes are not polled again.
  const { unpublished, malformed: unreadable } = await publishFirsts(ports, firsts, request);
  for (const publication of free) {
    const isPublished = !unpublished.includes(publication) && !unreadable.has(publication.label);
    if (isPublished) await note(ports.publications, publication, changeId, since);
  }
  await leaveAside(ports, request, unreadable);
  const later = [...busy, ...unpublished];
  if (later.length > 0) await pollLater(ports, request, later, seconds);
  else ports.log({ kind: status === 'insync' ? 'insync' : 'forgotten', changeId, seconds });
}

function logIfLate({ clock, log }: InsyncPorts, { changeId, revokedAt }: InsyncRequest): void {
  if (revokedAt === undefined) return;
  const seconds = (clock.now().getTime() - Date.parse(revokedAt)) / 1_000;
  if (seconds > REVOKED_SECONDS) log({ kind: 'revocation-late', changeId, seconds });
}

/** Nothing of it was on all name servers before. */
const isFirst = ({ insyncSince }: Publication): boolean => Object.keys(insyncSince).length === 0;

/** @returns those to publish later, and the labels of claims that are malformed */
async function publishFirsts(
  { publishHostedEvents, log }: InsyncPorts,
  firsts: readonly Publication[],
  { changeId, submittedAt }: InsyncRequest,
): Promise<{
  unpublished: readonly Publication[];
  malformed: ReadonlyMap<Label, StoredItemError>;
}> {
  if (firsts.length === 0) return { unpublished: [], malformed: new Map() };
  const labels = firsts.map(({ label }) => label);
  try {
    const malformed = await apart(labels, (some) => publishHostedEvents(some, submittedAt));
    return { unpublished: [], malformed };
  } catch (error) {
    log({ kind: 'unpublished', changeId, error });
    return { unpublished: firsts, malformed: new Map() };
  }
}

/** Queues malformed ones by themselves. @throws StoredItemError where they are by themselves */
async function leaveAside(
  { insyncQueue }: InsyncPorts,
  request: InsyncRequest,
  malformed: ReadonlyMap<Label, StoredItemError>,
): Promise<void> {
  const [error] = malformed.values();
  if (error === undefined) return;
  if (request.labels.every((label) => malformed.has(label))) throw error;
  await insyncQueue.send([{ ...request, labels: [...malformed.keys()] }]);
}

const pollLater = (
  { insyncQueue }: InsyncPorts,
  request: InsyncRequest,
  waiting: readonly Publication[],
  seconds: number,
) =>
  insyncQueue.send([{ ...request, labels: waiting.map(({ label }) => label) }], {
    delaySeconds: delayAfter(seconds),
  });

/** Most changes take under a minute: dense at first, then once a minute. */
const delayAfter = (seconds: number): number =>
  Math.ceil(Math.min(LONGEST_DELAY_SECONDS, Math.max(SHORTEST_DELAY_SECONDS, seconds / 2)));

async function statusOf({ zone, log }: InsyncPorts, changeId: string): Promise<ChangeStatus> {
  try {
    return await zone.changeStatus(changeId);
  } catch (error) {
    if (!(error instanceof Throttled || error instanceof ZoneUnavailable)) throw error;
    log({ kind: 'waiting', changeId, reason: error.message });
    return 'pending';
  }
}

async function stillPending(
  publications: PublicationStore,
  { shard, labels, changeId }: Pick<InsyncRequest, 'shard' | 'labels' | 'changeId'>,
): Promise<{ pending: Publication[]; malformed: ReadonlyMap<Label, StoredItemError> }> {
  const { found, malformed } = await readApart(labels, (some) => publications.get(shard, some));
  const pending = [...found.values()].filter((publication) =>
    Object.values(publication.pending).some((change) => change.changeId === changeId),
  );
  return { pending, malformed };
}

/** @param since ISO 8601; undefined where the change is not known any more @throws Conflict */
async function note(
  publications: PublicationStore,
  first: Publication,
  changeId: string,
  since: string | undefined,
): Promise<void> {
  const { shard, label }: { shard: Publication['shard']; label: Label } = first;
  let read: Publication | undefined = first;
  await retry(retryLimits.conflict, async () => {
    const [publication] =
      read === undefined
        ? (await stillPending(publications, { shard, labels: [label], changeId })).pending
        : [read];
    read = undefined;
    if (publication === undefined) return;
    const keys = new Set(
      Object.entries(publication.pending).flatMap(([key, change]) =>
        change.changeId === changeId ? [key] : [],
      ),
    );
    const { pending, insyncSince } = publication;
    await publications.put({
      ...publication,
      revision: publication.revision + 1,
      pending: Object.fromEntries(Object.entries(pending).filter(([key]) => !keys.has(key))),
      insyncSince: {
        ...insyncSince,
        ...(since === undefined ? {} : Object.fromEntries([...keys].map((key) => [key, since]))),
      },
    });
  });
}

/**
 * Polls each change once, however many messages ask for it.
 *
 * @param bodies of the messages, an `InsyncRequest` each
 * @returns the indexes of the messages that failed and must come again
 */
export async function pollAll(ports: InsyncPorts, bodies: readonly string[]): Promise<number[]> {
  const failed: number[] = [];
  const polls = new Map<string, { request: InsyncRequest; indexes: number[] }>();
  for (const [index, body] of bodies.entries()) {
    try {
      const request = JSON.parse(body) as InsyncRequest;
      const known = polls.get(request.changeId);
      const labels = new Set([...(known?.request.labels ?? []), ...request.labels]);
      polls.set(request.changeId, {
        request: { ...request, labels: [...labels] },
        indexes: [...(known?.indexes ?? []), index],
      });
    } catch (error) {
      ports.log({ kind: 'failed', error });
      failed.push(index);
    }
  }
  for (const [changeId, { request, indexes }] of polls) {
    try {
      await poll(ports, request);
    } catch (error) {
      ports.log({ kind: 'failed', changeId, error });
      failed.push(...indexes);
    }
  }
  return failed;
}
