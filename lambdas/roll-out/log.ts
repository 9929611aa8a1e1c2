import { count, logger } from '#shared/runtime/log.ts';
import type { RollOutEvent } from './evaluate.ts';

const stages = ['none', 'quarantine', 'reject'];

/** Events to the log and the counters that alarms watch. */
export function log(event: RollOutEvent): void {
  if (event.kind === 'held') {
    count('PolicyHeld');
    return logger.warn('a DMARC plan holds', { ...event });
  }
  const { from, to } = event.step;
  count(stages.indexOf(to) > stages.indexOf(from) ? 'PolicyRaised' : 'PolicySteppedBack');
  logger.info('a DMARC policy changed', { ...event });
}
