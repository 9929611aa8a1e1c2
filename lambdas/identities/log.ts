import { count, logger } from '#shared/runtime/log.ts';
import type { IdentityEvent } from './maintain.ts';

/** Events to the log and the counters that alarms watch. */
export function log(event: IdentityEvent): void {
  switch (event.kind) {
    case 'made':
      return logger.info('SES was asked to verify a domain', { ...event });
    case 'removed':
      return logger.info('SES identity removed with the last claim of its domain', { ...event });
    case 'moved':
      return logger.info('SES identity changed', { ...event });
    case 'given-up':
      count('IdentityFailed');
      return logger.warn('SES did not find the record of a domain; asked again', { ...event });
    case 'failed':
      return logger.error(`failed: ${event.what}`, { error: event.error });
  }
}
