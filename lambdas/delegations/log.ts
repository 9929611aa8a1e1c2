import type { DelegationEvent } from '#shared/app/delegation/ports.ts';
import { count, logger } from '#shared/runtime/log.ts';

/** Events to the log, and the counter that the alarm watches. */
export function log(event: DelegationEvent): void {
  if (event.kind === 'not-made') {
    count('DelegatedZoneNotMade');
    return logger.error('the zone of a delegated subdomain was not made', { ...event });
  }
  return logger.info('the zone of a delegated subdomain changed', { ...event });
}
