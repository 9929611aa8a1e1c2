import type { DomainEvent, ServiceEvent } from '#shared/core/model/event.ts';
import type { History } from '#shared/app/ports/history.ts';

/**
 * Notes an event in the history of its domain, in any order and any number of times. An event about a
 * whole account, or about a webhook, belongs to no history.
 *
 * @param body the event as EventBridge hands it over
 */
export async function noteEvent(history: Pick<History, 'note'>, body: string): Promise<void> {
  const { detail } = JSON.parse(body) as { detail: ServiceEvent };
  if (isOfDomain(detail)) await history.note(detail);
}

const isOfDomain = (event: ServiceEvent): event is DomainEvent =>
  typeof event.data['domain'] === 'string';
