import { count, logger } from '#shared/runtime/log.ts';
import type { NoticeEvent } from './ports.ts';

/** Events to the log and the counters. */
export function log(event: NoticeEvent): void {
  switch (event.kind) {
    case 'mailed':
      count('NoticesMailed');
      return logger.info('a notice was mailed', { notice: event.notice, events: event.events });
    case 'failed':
      return logger.error('a notice failed', event.error as Error);
  }
}
