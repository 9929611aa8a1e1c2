import { count, logger } from '#shared/runtime/log.ts';
import type { CheckerEvent } from './check-all.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: CheckerEvent): void {
  switch (event.kind) {
    case 'moved':
      if (event.to === 'at-risk') count('ClaimsAtRisk');
      if (event.to === 'lost') count('ClaimsLost');
      return logger.info('status of a claim changed', { ...event });
    case 'buried':
      return logger.info('a claim was retired', { ...event });
    case 'under-way':
      return logger.debug('another check of the domain is under way', { ...event });
    case 'failed':
      return logger.error('a check failed', { body: event.body, error: event.error });
  }
}
