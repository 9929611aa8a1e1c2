import {
  expectedLeave,
  nextPlace,
  newRateSchedule,
  shareOf,
} from '#shared/core/model/rate-lease.ts';
import { hasEnded, RECIPIENTS_PER_BATCH } from '#shared/core/model/recipient-batch.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import type { RateSchedules } from '#shared/app/ports/rate-schedules.ts';
import type { Clock } from '#shared/app/ports/clock.ts';

export interface ExpectedPorts {
  readonly rateSchedules: Pick<RateSchedules, 'read'>;
  readonly clock: Clock;
}

/**
 * Returns when the first recipient batch that waits for its turn is expected to leave; undefined
 * where none does, or where the mail is held.
 */
export async function expectedAtOf(
  { rateSchedules, clock }: ExpectedPorts,
  { message, recipientBatches }: StoredMessage,
): Promise<Date | undefined> {
  const next = recipientBatches.find((each) => each.state === 'queued' && !hasEnded(each));
  if (next === undefined || message.held !== undefined) return undefined;
  const schedule = (await rateSchedules.read()) ?? newRateSchedule(1);
  const first = message.place ?? nextPlace(schedule, message.tenant);
  const before = (next.index * RECIPIENTS_PER_BATCH) / shareOf(schedule, message.tenant);
  return new Date(expectedLeave(schedule, first + before, clock.now().getTime()));
}
