import { count, logger } from '#shared/runtime/log.ts';
import type { ReportEvent } from './events.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: ReportEvent): void {
  switch (event.kind) {
    case 'counted':
      if (event.outcome === 'repeated' || event.outcome === 'counted-earlier')
        count('ReportsRepeated');
      else if (event.outcome === 'full') count('ReportsDropped');
      else count(event.reporter === undefined ? 'ReportsUnverified' : 'ReportsVerified');
      return logger.info('a report was counted', { ...event });
    case 'refused':
      // Unreadable mail matters only from a reporter.
      count(event.reporter === undefined ? 'ReportsRefused' : 'ReportsUnreadable');
      return logger.warn('a report was refused', { ...event });
    case 'key-failing':
      count('NewKeyFailing');
      return logger.error('a newly promoted key fails at receivers', { ...event });
    case 'dropped':
      count('ReportsDropped');
      return logger.info('a mail to no report address was dropped', { ...event });
  }
}
