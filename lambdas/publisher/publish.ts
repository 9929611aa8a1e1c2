import { Throttled } from '#shared/core/model/errors.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { publishRequests } from '#shared/app/ports/queues.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import type { PublisherPorts } from './ports.ts';
import { publishRound } from './round.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/**
 * One pass over claims of one shard; FIFO keeps other publishers out of the shard meanwhile.
 */
export interface PublishPass {
  readonly shard: ShardName;
  readonly labels: readonly Label[];
  /** Epoch milliseconds by which to stop and queue again what is left. */
  readonly deadline: number;
  /** When the first of these was first deferred, ISO 8601. */
  readonly putOffSince?: string | undefined;
}

/** A pass reads a claim that another writer changed again at most this often. */
const ROUNDS = 5;
/** The operator learns of longer waits. */
const LATE_MS = 15 * MINUTE_MS;

/**
 * Publishes the records of these labels' claims: desired minus published, in as few batches as the
 * limits allow, each outcome noted. Every label ends as published, parked, without a claim, or
 * queued again. Labels that the zone refused for now are queued as a new message. A redelivery
 * would count towards the dead-letter queue, and a throttle is no failure.
 *
 * @throws Error for faults of ours (permissions, a missing zone); the message is then redelivered
 */
export async function publish(ports: PublisherPorts, pass: PublishPass): Promise<void> {
  const { shard, deadline } = pass;
  const open = new Set(pass.labels);
  const round = async (): Promise<void> => {
    try {
      await publishRound(ports, shard, open, deadline);
    } catch (error) {
      if (!(error instanceof Throttled || error instanceof ZoneUnavailable)) throw error;
      ports.log({ kind: 'waiting', shard, reason: error.message });
    }
    if (open.size > 0) throw new LabelsOpen();
  };
  try {
    const limits = { ...throttledUntil(deadline), on: isLabelsOpen, tries: ROUNDS };
    if (open.size > 0) await retry(limits, round, ports);
  } catch (error) {
    if (!isLabelsOpen(error)) throw error;
    await defer(ports, pass, open);
  }
}

/** A round has ended, and labels of the pass are still to be published. */
class LabelsOpen extends Error {}

const isLabelsOpen = (error: unknown): boolean => error instanceof LabelsOpen;

async function defer(
  { publishQueue, clock, log }: PublisherPorts,
  { shard, putOffSince: deferredSince }: PublishPass,
  open: ReadonlySet<Label>,
): Promise<void> {
  const now = clock.now();
  const since = deferredSince ?? now.toISOString();
  await publishQueue.send(publishRequests(shard, open, since), {
    group: (request) => request.shard,
  });
  const late = now.getTime() - Date.parse(since) > LATE_MS;
  log({ kind: late ? 'late' : 'put-off', shard, labels: open.size, since });
}
