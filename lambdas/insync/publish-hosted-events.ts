import { publishedEvent } from '#shared/core/model/event.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';

/**
 * Publishes for these labels that their hosted records are on all name servers for the first time.
 * The same submission repeats the same event.
 *
 * @param at when it was handed to the name servers, ISO 8601
 * @throws Throttled, or another error of the bus; to be tried again
 */
export async function publishHostedEvents(
  { claims, bus }: { claims: Pick<ClaimStore, 'getByLabels'>; bus: EventBus },
  labels: readonly Label[],
  at: string,
): Promise<void> {
  const found = await claims.getByLabels(labels);
  const live = [...found.values()].filter(({ lifecycle }) => lifecycle === 'live');
  if (live.length > 0) await bus.put(live.map((claim) => publishedEvent(claim, at)));
}
