import { count, logger } from '#shared/runtime/log.ts';
import type { InsyncEvent } from './poll.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: InsyncEvent): void {
  switch (event.kind) {
    case 'insync':
      return logger.info('change is INSYNC', { ...event });
    case 'stale':
      count('PublicationsStale');
      return logger.error('change is not INSYNC after 30 minutes', { ...event });
    case 'revocation-late':
      count('RevocationsLate');
      return logger.error('a revoked key has been in DNS for over a minute', { ...event });
    case 'forgotten':
      count('PublicationsStale');
      return logger.error('Route 53 knows nothing of a change it accepted', { ...event });
    case 'waiting':
      return logger.warn('Route 53 gives no status; polling again', { ...event });
    case 'unpublished':
      return logger.error('events of first publications could not be published; polling again', {
        error: event.error,
        changeId: event.changeId,
      });
    case 'failed':
      return logger.error('poll failed', { error: event.error, changeId: event.changeId });
  }
}
