import { count, logger } from '#shared/runtime/log.ts';
import type { IdentityEvent } from './ports.ts';

/** From this many tries on, which is some five minutes, an alarm says so. */
const FAILING_TRIES = 6;

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
    case 'foreign':
      count('IdentityForeign');
      return logger.warn('SES has an identity that this deployment did not make', { ...event });
    case 'quota-full':
      count('IdentityQuotaFull');
      return logger.error('SES has no room for further identities', { ...event });
    case 'failed':
      if ((event.tries ?? 0) >= FAILING_TRIES) count('IdentityFailing');
      return logger.error(`failed: ${event.what}`, { error: event.error, tries: event.tries });
  }
}
