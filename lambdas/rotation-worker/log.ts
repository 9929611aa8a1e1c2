import { logKeyEvent } from '#shared/app/rotation/log-key-event.ts';
import { logger } from '#shared/runtime/log.ts';
import type { WorkerPorts } from './ports.ts';

/** Events to the log and the counters that alarms watch. */
export const log: WorkerPorts['log'] = (event) => {
  switch (event.kind) {
    case 'batch':
      return logger.info('a batch of the rotation is done', { ...event });
    case 'waiting':
      return logger.warn('a request of the rotation waits', {
        request: event.request,
        reason: event.reason,
      });
    case 'dropped':
      return logger.warn('a batch of an earlier run is dropped', {
        period: event.period,
        latest: event.latest,
      });
    case 'request-failed':
      return logger.error('a request of the rotation failed', {
        body: event.body,
        error: event.error,
      });
    case 'rotated':
    case 'not-due':
    case 'held-back':
    case 'awaits-customer':
    case 'prepared':
    case 'taken':
    case 'unseen':
    case 'unpublished':
    case 'failed':
    case 'moved':
    case 'revoked':
    case 'paused':
    case 'resumed':
    case 'refilled':
    case 'throttled':
    case 'faulty':
      return logKeyEvent(event);
  }
};
