import { isProven } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { Tally, TallyKey } from '#shared/core/model/rotation.ts';
import type {
  MendRequest,
  RetryRequest,
  RevokeRequest,
  RotateRequest,
  RotationRequest,
} from '#shared/app/ports/rotation-requests.ts';
import { revokeKey } from '#shared/app/rotation/compromise.ts';
import { mendClaim, PAUSED_AGAIN_SECONDS } from '#shared/app/rotation/mend.ts';
import type { WorkerPorts } from './ports.ts';
import { rotateAll } from './rotate-all.ts';

/** SQS's longest delay. */
const LONGEST_DELAY_SECONDS = 900;
const OUTAGE_SECONDS = 60;
/** Those that are left have met a throttle, an outage of KMS, or another writer; at first so long. */
const LEFT_SECONDS = 30;
const RESERVE_MS = 10_000;

/**
 * Does what each message asks for. What must wait (throttles, outages, a run that is halted) is
 * queued afresh with a delay, so that waiting uses up no receives.
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
  const done = await Promise.all(bodies.map((body) => attempt(ports, body, deadline)));
  return done.flatMap((ok, index) => (ok ? [] : [index]));
}

async function attempt(ports: WorkerPorts, body: string, deadline: number): Promise<boolean> {
  try {
    const request = JSON.parse(body) as RotationRequest;
    try {
      await work(ports, request, deadline);
    } catch (error) {
      if (!ports.isOutage(error)) throw error;
      await later(ports, request, OUTAGE_SECONDS, String(error));
    }
    return true;
  } catch (error) {
    ports.report({ kind: 'request-failed', body, error });
    return false;
  }
}

function work(ports: WorkerPorts, request: RotationRequest, deadline: number): Promise<void> {
  switch (request.kind) {
    case 'rotate':
      return rotate(ports, request, deadline);
    case 'retry':
      return retry(ports, request, deadline);
    case 'mend':
      return mend(ports, request, deadline);
    case 'revoke':
      return revoke(ports, request);
  }
}

async function later(
  { rotationQueue, report }: WorkerPorts,
  request: RotationRequest,
  delaySeconds: number,
  reason: string,
): Promise<void> {
  await rotationQueue.send([request], { delaySeconds });
  report({ kind: 'waiting', request: request.kind, reason });
}

/** A batch of a run; what became of it is counted once, when the last of its claims is settled. */
async function rotate(ports: WorkerPorts, request: RotateRequest, deadline: number): Promise<void> {
  const { period, wave, batch, shard, labels } = request;
  const latest = await ports.runs.latest();
  if (latest === undefined || latest.period > period) {
    return ports.report({ kind: 'dropped', period, latest: latest?.period ?? 'none' });
  }
  if (latest.halted !== undefined) {
    return later(ports, request, LONGEST_DELAY_SECONDS, 'the run is halted');
  }
  const occasion = { period, wave };
  const { tally: some, left } = await rotateAll(shard, labels, () => occasion, ports, deadline);
  const tally = sum(request.tally ?? {}, some);
  if (left.length > 0) await queueLeft(ports, { ...request, labels: left, tally }, some);
  else await ports.runs.count({ period, wave, batch }, tally);
  ports.report({ kind: 'batch', request: 'rotate', period, tally: some, left: left.length });
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

/** What the backlog has of these: rotations are made up for, rings that wait for a key are mended. */
async function retry(ports: WorkerPorts, request: RetryRequest, deadline: number): Promise<void> {
  const { shard } = request;
  const labels = [...new Set(request.labels)];
  const [items, found, latest] = await Promise.all([
    ports.backlog.get(labels),
    ports.claims.getByLabels(labels),
    ports.runs.latest(),
  ]);
  const rotating: Label[] = [];
  for (const label of labels) {
    const item = items.get(label);
    const period = item?.period;
    if (!found.has(label)) {
      if (item !== undefined) await ports.backlog.remove(label);
    } else if (period === undefined || latest?.halted !== undefined) {
      await mendClaim({ shard, label }, options(deadline), ports);
    } else rotating.push(label);
  }
  if (rotating.length === 0) return;
  // A later run's turn may not have come yet: what is made up for now is its rotation too.
  const least = latest?.period ?? '';
  const { tally, left } = await rotateAll(
    shard,
    rotating,
    ({ item }) => ({
      period: item?.period !== undefined && item.period > least ? item.period : least,
    }),
    ports,
    deadline,
  );
  if (left.length > 0) await queueLeft(ports, { ...request, labels: left }, tally);
  await ports.runs.countLater(least, tally);
  ports.report({ kind: 'batch', request: 'retry', period: least, tally, left: left.length });
}

const options = (deadline: number) => ({
  suspicion: 'trusted' as const,
  refillUntil: deadline - RESERVE_MS,
});

async function mend(ports: WorkerPorts, request: MendRequest, deadline: number): Promise<void> {
  const { shard, label, unusable, waits = 0 } = request;
  const suspicion = unusable === undefined ? 'suspect' : { unusable };
  const claim = await mendClaim({ shard, label }, { ...options(deadline), suspicion }, ports);
  // One that is lost has nothing to sign; the check that finds it proven again asks anew.
  if (claim === undefined || !isProven(claim) || currentKey(claim.keys) !== undefined) return;
  const delay = Math.min(LONGEST_DELAY_SECONDS, PAUSED_AGAIN_SECONDS * 2 ** Math.min(waits, 4));
  await later(ports, { ...request, waits: waits + 1 }, delay, 'no key is fit to sign');
}

async function revoke(ports: WorkerPorts, { shard, keys }: RevokeRequest): Promise<void> {
  for (const { label, keyId } of keys) await revokeKey({ shard, label }, keyId, ports);
}
