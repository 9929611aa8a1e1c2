import { count, logger } from '#shared/runtime/log.ts';
import type { PublisherEvent } from './ports.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: PublisherEvent): void {
  switch (event.kind) {
    case 'published':
      return logger.info('Route 53 accepted a batch', { ...event });
    case 'parked':
      count('PublicationsParked');
      return logger.error('claim parked: its records cannot be published', { ...event });
    case 'waiting':
      return logger.warn('publishing waits', { ...event });
    case 'put-off':
      return logger.warn('publishing queued again', { ...event });
    case 'late':
      count('PublicationsStale', event.labels);
      return logger.error('publishing deferred for over 15 minutes', { ...event });
    case 'revocation-late':
      count('RevocationsLate');
      return logger.error('a revoked key was published for over a minute', { ...event });
    case 'no-claim':
      return logger.error('asked to publish a label that no claim of the shard has', { ...event });
    case 'failed':
      return logger.error('publishing failed', { error: event.error, shard: event.shard });
  }
}
