import { count, logger } from '#shared/runtime/handler.ts';
import type { SmtpLog } from './ports.ts';

/** The lines and counters of the SMTP server. */
export const smtpLog: SmtpLog = {
  accepted(event) {
    logger.info('accepted', { channel: 'smtp', ...event });
  },
  refused(event) {
    logger.info('refused', { channel: 'smtp', ...event });
  },
  failed(event, error) {
    count('SmtpFailed');
    logger.error('failed', { channel: 'smtp', ...event, error });
  },
};
