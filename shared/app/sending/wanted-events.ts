import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Log } from '../ports/log.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import { RecentReads } from '../recent-reads.ts';

export interface WantedEventsPorts {
  readonly bus: EventBus;
  readonly webhooks: Pick<WebhookStore, 'wantedTypes'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** A new webhook gets events of mail after so long at most. */
const FRESH_MS = 5_000;

/**
 * A bus that takes events of mail for those tenants only who have a webhook for them; of the others
 * nobody would read them. Where that cannot be read it takes them.
 */
export function wantedEvents({ bus, webhooks, clock, log }: WantedEventsPorts): EventBus {
  const reads = new RecentReads<ReadonlySet<EventType> | undefined>(clock);
  const wantedOf = (tenant: TenantId) =>
    reads.of(tenant, FRESH_MS, async () => {
      try {
        return await webhooks.wantedTypes(tenant);
      } catch (error) {
        log.warn('the webhooks of a tenant cannot be read', { tenant, error });
        return undefined;
      }
    });
  const isWanted = async ({ type, tenant }: ServiceEvent): Promise<boolean> => {
    if (!type.startsWith('message.')) return true;
    const wanted = await wantedOf(tenant);
    return wanted === undefined || wanted.has(type);
  };
  return {
    async put(events) {
      const wanted = await Promise.all(events.map(isWanted));
      const left = events.filter((_, index) => wanted[index]);
      if (left.length > 0) await bus.put(left);
    },
  };
}
