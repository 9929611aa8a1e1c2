import { isProven } from '#shared/core/model/claim.ts';
import type { StoredItemError } from '#shared/core/model/errors.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { Tally, TallyKey } from '#shared/core/model/rotation.ts';
import type {
  RepairRequest,
  RetryRequest,
  RevokeRequest,
  RotateRequest,
  RotationRequest,
} from '#shared/app/ports/rotation-requests.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { limitedRate } from '#shared/app/rotation/key-rate.ts';
import type { Suspicion } from '#shared/app/rotation/move-signing.ts';
import { repairKeyRing, PAUSED_AGAIN_SECONDS } from '#shared/app/rotation/repair-key-ring.ts';
import { apart, readApart } from '#shared/app/stored-items.ts';
import { rotateClaims, type RotateOptions } from '#shared/app/rotation/rotate.ts';
import type { WorkerPorts } from './ports.ts';

/** SQS's longest delay. */
const LONGEST_DELAY_SECONDS = 900;
const OUTAGE_SECONDS = 60;
/** Those that are left have met a throttle, an outage of KMS, or another writer; at first so long. */
const LEFT_SECONDS = 30;
/** The time left once the last key is made. */
const RESERVE_MS = 10_000;

/**
 * Does what each message asks for. Requests that must wait (throttles, outages, a run that is
 * halted) are queued again with a delay, so that waiting uses up no receives.
 *
 * @param bodies of the messages, a `RotationRequest` each
 * @param deadline epoch milliseconds
 * @returns the indexes of the messages that failed and must come again
 */
export async function workAll(
  ports: WorkerPorts,
  bodies: readonly string[],
  deadline: number,
): Promise<number[]> {
  const until = deadline - RESERVE_MS;
  const done = await Promise.all(bodies.map((body) => attempt(ports, body, until)));
  return done.flatMap((ok, index) => (ok ? [] : [index]));
}

/** @param until epoch milliseconds until which keys may be made */
async function attempt(ports: WorkerPorts, body: string, until: number): Promise<boolean> {
  try {
    const request = JSON.parse(body) as RotationRequest;
    try {
      await work(ports, request, until);
    } catch (error) {
      if (!ports.isOutage(error)) throw error;
      await later(ports, request, OUTAGE_SECONDS, String(error));
    }
    return true;
  } catch (error) {
    ports.log({ kind: 'request-failed', body, error });
    return false;
  }
}

function work(ports: WorkerPorts, request: RotationRequest, until: number): Promise<void> {
  switch (request.kind) {
    case 'rotate':
      return rotate(ports, request, until);
    case 'retry':
      return retry(ports, request, until);
    case 'mend':
      return repair(ports, request, until);
    case 'revoke':
      return revoke(ports, request);
  }
}

async function later(
  { rotationQueue, log }: WorkerPorts,
  request: RotationRequest,
  delaySeconds: number,
  reason: string,
): Promise<void> {
  await rotationQueue.send([request], { delaySeconds });
  log({ kind: 'waiting', request: request.kind, reason });
}

/** A batch of a run; what became of it is counted once, when the last of its claims is settled. */
async function rotate(ports: WorkerPorts, request: RotateRequest, until: number): Promise<void> {
  const { period, wave, batch } = request;
  const latest = await ports.runs.latest();
  if (latest === undefined || latest.period > period) {
    return ports.log({ kind: 'dropped', period, latest: latest?.period ?? 'none' });
  }
  if (latest.halted !== undefined) {
    return later(ports, request, LONGEST_DELAY_SECONDS, 'the run is halted');
  }
  const { tally: some, left } = await rotateAll(ports, request, () => ({ period, wave }), until);
  const tally = sum(request.tally ?? {}, some);
  if (left.length > 0) await queueLeft(ports, { ...request, labels: left, tally }, some);
  else await ports.runs.count({ period, wave, batch }, tally);
  ports.log({ kind: 'batch', request: 'rotate', period, tally: some, left: left.length });
}

/** Rotates claims at the rate that all workers keep together. */
async function rotateAll(
  ports: WorkerPorts,
  { shard, labels }: { readonly shard: ShardName; readonly labels: readonly Label[] },
  occasionOf: RotateOptions['occasionOf'],
  until: number,
): Promise<{ tally: Tally; left: Label[] }> {
  const rate = limitedRate(ports.claimsPerSecond, ports.rateLimiter, ports);
  const options = { occasionOf, asked: false, until, rate };
  const { tally, left } = await rotateClaims(shard, labels, options, ports);
  return { tally, left: [...left.keys()] };
}

/** Queues those that are left, after growing pauses while nothing at all gets done. */
async function queueLeft(
  { rotationQueue }: WorkerPorts,
  request: RotateRequest | RetryRequest,
  settled: Tally,
): Promise<void> {
  const waits = Object.keys(settled).length > 0 ? 0 : (request.waits ?? 0) + 1;
  const delaySeconds = Math.min(LONGEST_DELAY_SECONDS, LEFT_SECONDS * 2 ** waits);
  await rotationQueue.send([{ ...request, waits }], { delaySeconds });
}

function sum(one: Tally, other: Tally): Tally {
  const keys = [...Object.keys(one), ...Object.keys(other)] as TallyKey[];
  return Object.fromEntries(keys.map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));
}

/**
 * The backlog's kinds of them: rotations are made up for, rings that wait for a key are repaired.
 */
async function retry(ports: WorkerPorts, request: RetryRequest, until: number): Promise<void> {
  const latest = await ports.runs.latest();
  const labels = await repairOthers(ports, request, latest?.halted !== undefined, until);
  if (labels.length === 0) return;
  // A later run's turn may not have come yet: what is made up for now is its rotation too.
  const least = latest?.period ?? '';
  const { tally, left } = await rotateAll(
    ports,
    { ...request, labels },
    ({ item }) => ({ period: laterOf(item?.period, least) }),
    until,
  );
  if (left.length > 0) await queueLeft(ports, { ...request, labels: left }, tally);
  await ports.runs.countLater(least, tally);
  ports.log({ kind: 'batch', request: 'retry', period: least, tally, left: left.length });
}

const laterOf = (period: string | undefined, least: string): string =>
  period !== undefined && period > least ? period : least;

/**
 * Repairs the rings of those that have no rotation to be made up for, or not while the run is halted.
 *
 * @returns the labels that are to be rotated
 */
async function repairOthers(
  ports: WorkerPorts,
  request: RetryRequest,
  isHalted: boolean,
  until: number,
): Promise<Label[]> {
  const { shard } = request;
  const labels = [...new Set(request.labels)];
  const [items, { found, malformed }] = await Promise.all([
    ports.backlog.get(labels),
    readApart(labels, (some) => ports.claims.getByLabels(some)),
  ]);
  const rotating: Label[] = [];
  for (const label of labels) {
    if (malformed.has(label)) continue;
    const item = items.get(label);
    if (!found.has(label)) {
      if (item !== undefined) await ports.backlog.remove(label);
    } else if (item?.period === undefined || isHalted) {
      await apart([label], async () => {
        await repairKeyRing({ shard, label }, { suspicion: 'trusted', refillUntil: until }, ports);
      });
    } else rotating.push(label);
  }
  return rotating;
}

async function repair(ports: WorkerPorts, request: RepairRequest, until: number): Promise<void> {
  const { shard, label, waits = 0 } = request;
  const suspicion = suspicionOf(request);
  let isAnother = false;
  const log: WorkerPorts['log'] = (event) => {
    isAnother ||= event.kind === 'moved' || event.kind === 'resumed';
    ports.log(event);
  };
  const options = { suspicion, refillUntil: until };
  const claim = await repairKeyRing({ shard, label }, options, { ...ports, log });
  // The status of the domain follows within a minute, not with its next check.
  if (isAnother && claim !== undefined) {
    const { tenant, domain } = claim;
    const dueAt = ports.retryTime.clock.now().toISOString();
    await ports.checks.schedule({ tenant, domain, label, dueAt });
  }
  // A lost claim has nothing to sign; the check that finds it proven again asks again.
  if (claim === undefined || !isProven(claim) || currentKey(claim.keys) !== undefined) return;
  const delay = Math.min(LONGEST_DELAY_SECONDS, PAUSED_AGAIN_SECONDS * 2 ** Math.min(waits, 4));
  await later(ports, { ...request, waits: waits + 1 }, delay, 'no key is fit to sign');
}

function suspicionOf({ unusable, absent }: RepairRequest): Suspicion {
  if (absent !== undefined) return { absent };
  return unusable === undefined ? 'suspect' : { unusable };
}

/** @throws StoredItemError where a claim is malformed, once all are revoked */
async function revoke(ports: WorkerPorts, { shard, keys }: RevokeRequest): Promise<void> {
  const malformed: StoredItemError[] = [];
  for (const key of keys) {
    const failed = await apart([key], async () => {
      await revokeSigningKey({ shard, label: key.label }, key.keyId, ports);
    });
    malformed.push(...failed.values());
  }
  const [error] = malformed;
  if (error !== undefined) throw error;
}
