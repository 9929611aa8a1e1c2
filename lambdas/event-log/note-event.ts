import type { DomainEvent } from '#shared/core/model/event.ts';
import type { History } from '#shared/app/ports/history.ts';

/**
 * Notes an event in the history of its domain, in any order and any number of times.
 *
 * @param body the event as EventBridge hands it over
 */
export async function noteEvent(history: Pick<History, 'note'>, body: string): Promise<void> {
  await history.note((JSON.parse(body) as { detail: DomainEvent }).detail);
}
