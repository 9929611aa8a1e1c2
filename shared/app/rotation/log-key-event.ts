import { count, logger } from '#shared/runtime/log.ts';
import type { BatchEvent, RotationEvent } from './ports.ts';

/** Writes what happens to keys to the log and to the counters that alarms watch. */
export function logKeyEvent(event: RotationEvent | BatchEvent): void {
  switch (event.kind) {
    case 'rotated':
      count('RotationsMade');
      return logger.info('a domain signs with its next key', { ...event });
    case 'not-due':
      count('RotationsNotDue');
      return logger.info('a rotation is not due', { ...event });
    case 'held-back':
      count('RotationsHeldBack');
      return logger.warn('a rotation is blocked', { ...event });
    case 'awaits-customer':
      return logger.info('a rotation waits for the customer', { ...event });
    case 'prepared':
      return logger.info('a new key waits for the customer’s DNS to show it', {
        ...event,
      });
    case 'taken':
      return logger.info('a prepared key is in the customer’s DNS', { ...event });
    case 'unseen':
      return logger.warn('signing waits: the customer’s DNS shows none of its keys', { ...event });
    case 'unpublished':
      count('KeysUnpublished');
      return logger.error('mail waits: the customer’s DNS leads to none of the keys', { ...event });
    case 'failed':
      count('RotationsFailed');
      return logger.error('a rotation failed', { ...event });
    case 'moved':
      count('SigningMoved');
      return logger.error('signing moved away from a broken slot', { ...event });
    case 'revoked':
      count('KeysRevoked');
      return logger.warn('a key is revoked', { ...event });
    case 'paused':
      count('SigningPaused');
      return logger.error('signing is paused: no key is fit to sign', { ...event });
    case 'resumed':
      return logger.info('a key is fit to sign again', { ...event });
    case 'refilled':
      return logger.info('a slot took a new key', { ...event });
    case 'throttled':
      count('RotationThrottled');
      return logger.warn('the rotation slows down', { reason: event.reason });
    case 'faulty':
      return logger.error('a claim cannot be rotated', { label: event.label, error: event.error });
  }
}
