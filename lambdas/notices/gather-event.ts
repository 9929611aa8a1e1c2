import { retry, retryLimits } from '#shared/async/retry.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import { gatheringTime, isWanted, noticeKindOf } from '#shared/core/model/notice.ts';
import type { NoticePorts } from './ports.ts';

/**
 * Gathers an event that somebody is to be mailed of, and has its batch mailed later. An event that
 * comes again is in the batch that it was in.
 *
 * @throws Conflict where others gathered at the same time each time
 */
export async function gatherEvent(event: ServiceEvent, ports: NoticePorts): Promise<void> {
  const { notices, queue, clock } = ports;
  const kind = noticeKindOf(event);
  if (kind === undefined || ports.sender === undefined) return;
  const { tenant } = event;
  if (!isWanted(await notices.settings(tenant), kind)) return;
  const now = clock.now();
  const { batch, before, overdue } = await retry(retryLimits.conflict, () =>
    notices.gather(event, now),
  );
  // The event that began a batch has it mailed; so does one that finds that this was lost.
  if (batch !== event.id && overdue !== true) return;
  const delaySeconds = Math.round(gatheringTime(before, now) / 1_000);
  await queue.send([{ tenant, batch }], { delaySeconds });
}
