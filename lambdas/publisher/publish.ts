import type { Label, ShardName } from '#shared/core/model/names.ts';
import { publishRequests } from '#shared/app/ports/queues.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import { HeldZone, ZoneTaken } from './held-zone.ts';
import type { PublisherPorts } from './ports.ts';
import { publishRound } from './round.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** One pass over claims of one shard, under the lease of its zone. */
export interface PublishPass {
  readonly shard: ShardName;
  readonly labels: readonly Label[];
  /** Epoch milliseconds by which to stop and queue again what is left. */
  readonly deadline: number;
  /** When the first of these was first deferred, ISO 8601. */
  readonly putOffSince?: string | undefined;
  /** When the first key of these was revoked, ISO 8601; absent in passes over the publish queue. */
  readonly revokedAt?: string | undefined;
}

/** A pass tries so often to publish what another writer, an outage or another publisher held up. */
const ROUNDS = 5;
/** The operator learns of longer waits. */
const LATE_MS = 15 * MINUTE_MS;
/** A revoked key is out of DNS by then. */
const REVOKED_MS = MINUTE_MS;
/** Before what waits of revocations is tried again. */
const REVOCATION_DELAY_SECONDS = 1;

/**
 * Publishes the records of these labels' claims: desired minus published, in as few batches as the
 * limits allow, each outcome noted. Every label ends as published, parked, without a claim, or
 * queued again. What a throttle, an outage of any service or another publisher held up is queued as
 * a new message: a redelivery would hold up its message group for the visibility timeout, and would
 * count towards the dead-letter queue.
 *
 * @throws Error for faults of ours (permissions, a missing zone), and where the labels cannot be
 * queued again; the message is then redelivered
 */
export async function publish(ports: PublisherPorts, pass: PublishPass): Promise<void> {
  const { shard, deadline, revokedAt } = pass;
  const open = new Set(pass.labels);
  if (open.size === 0) return;
  const zone = new HeldZone(ports, shard, revokedAt !== undefined);
  const round = async (): Promise<void> => {
    try {
      await zone.keep();
      await publishRound(ports, { shard, open, deadline, zone, revokedAt });
    } catch (error) {
      if (!canWait(ports, error)) throw error;
      ports.log({ kind: 'waiting', shard, reason: String(error) });
    }
    if (open.size > 0) throw new LabelsOpen();
  };
  try {
    await retry({ ...throttledUntil(deadline), on: isLabelsOpen, tries: ROUNDS }, round, ports);
  } catch (error) {
    if (!isLabelsOpen(error)) throw error;
    await defer(ports, pass, open);
  } finally {
    await zone.release();
  }
  if (revokedAt !== undefined) logIfLate(ports, shard, open, revokedAt);
}

/** Labels of a pass are still to be published after a round. */
class LabelsOpen extends Error {}

const isLabelsOpen = (error: unknown): boolean => error instanceof LabelsOpen;

const canWait = ({ isOutage }: PublisherPorts, error: unknown): boolean =>
  error instanceof ZoneTaken || error instanceof ZoneUnavailable || isOutage(error);

async function defer(
  { publishQueue, revocationQueue, clock, log }: PublisherPorts,
  { shard, putOffSince: deferredSince, revokedAt }: PublishPass,
  open: ReadonlySet<Label>,
): Promise<void> {
  const now = clock.now();
  const since = deferredSince ?? now.toISOString();
  const requests = publishRequests(shard, open, { putOffSince: since, revokedAt });
  if (revokedAt === undefined) {
    await publishQueue.send(requests, { group: (request) => request.shard });
  } else {
    await revocationQueue.send(requests, { delaySeconds: REVOCATION_DELAY_SECONDS });
  }
  const late = now.getTime() - Date.parse(since) > LATE_MS;
  log({ kind: late ? 'late' : 'put-off', shard, labels: open.size, since });
}

function logIfLate(
  { clock, log }: PublisherPorts,
  shard: ShardName,
  open: ReadonlySet<Label>,
  revokedAt: string,
): void {
  const seconds = (clock.now().getTime() - Date.parse(revokedAt)) / 1_000;
  if (seconds * 1_000 <= REVOKED_MS) return;
  log({ kind: 'revocation-late', shard, waiting: open.size, seconds });
}
