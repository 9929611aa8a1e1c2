import { reportKeyEvent } from '#shared/app/rotation/reporting.ts';
import type { RotationEvent } from '#shared/app/rotation/ports.ts';
import { count, logger } from '#shared/runtime/log.ts';
import type { WorkerEvent } from './ports.ts';

/** Events to the log and the counters that alarms watch. */
export function report(event: RotationEvent | WorkerEvent): void {
  switch (event.kind) {
    case 'batch':
      return logger.info('a batch of the rotation is done', { ...event });
    case 'throttled':
      count('RotationThrottled');
      return logger.warn('the rotation slows down', { reason: event.reason });
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
    case 'faulty':
      return logger.error('a claim cannot be rotated', { label: event.label, error: event.error });
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
    case 'failed':
    case 'moved':
    case 'revoked':
    case 'paused':
    case 'resumed':
    case 'refilled':
      return reportKeyEvent(event);
  }
}
