import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import { count, logger } from '#shared/runtime/log.ts';
import type { DisclosureOutcome } from './ports.ts';

/** Outcomes to the log and the counters that alarms watch; never the key itself. */
export function log({ domain, selector, id: keyId }: WaitingKey, outcome: DisclosureOutcome): void {
  const about = { domain, selector, keyId, outcome };
  switch (outcome) {
    case 'disclosed':
      count('KeysDisclosed');
      return logger.info('a retired private key is disclosed', about);
    case 'in-ring':
    case 'unusable':
      count('DisclosuresFailed');
      return logger.error('a retired private key cannot be disclosed', about);
    case 'there':
    case 'unknown':
    case 'not-proven':
    case 'gone':
    case 'withdrawn':
      return logger.info('a retired key is checked', about);
  }
}
