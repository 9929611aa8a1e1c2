import { count, logger } from '#shared/runtime/log.ts';
import type { HandOverEvent } from './ports.ts';

/** Events to the log and the counters. */
export function log(event: HandOverEvent): void {
  switch (event.kind) {
    case 'mailed':
      count('ContactsMailed');
      return logger.info('a contact was mailed', { ...event });
    case 'ended':
      if (event.why === 'undelivered') count('ContactsUnreached');
      return logger.info('mails to a contact ended', { ...event });
    case 'deferred':
      return logger.error('a mail to a contact could not be sent', {
        contact: event.contact,
        error: event.error,
      });
  }
}
