import { count, logger } from '#shared/runtime/log.ts';
import type { ReconcilerEvent } from './ports.ts';

/** Names in one line of the log. */
const NAMES_SHOWN = 50;

/** Events to the log and the counters that alarms watch. */
export function log(event: ReconcilerEvent): void {
  switch (event.kind) {
    case 'drift':
      count('ZoneDrift', event.records.length);
      return logger.error('the zone holds something else than was published', {
        ...event,
        records: event.records.slice(0, NAMES_SHOWN),
        total: event.records.length,
      });
    case 'stale':
      count('PublicationsStale', event.labels.length);
      return logger.error('claims changed and were not published', {
        ...event,
        labels: event.labels.slice(0, NAMES_SHOWN),
        total: event.labels.length,
      });
    case 'enqueued':
      return logger.warn('claims queued to be published again', { ...event });
    case 'reconciled':
      return logger.info('shard reconciled', { ...event });
    case 'unreached':
      count('ReconcileUnreached', event.shards.length);
      return logger.error('shards not reconciled', {
        shards: event.shards.slice(0, NAMES_SHOWN),
        total: event.shards.length,
        error: event.reason,
      });
  }
}
