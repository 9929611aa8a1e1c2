import { count, logger } from '#shared/runtime/log.ts';
import type { refreshDue } from './refresh.ts';

/** Outcomes to the log. */
export const log: Parameters<typeof refreshDue>[1] = ({ domain, include }, outcome) => {
  if (outcome === 'unchanged') return;
  const about = { domain, include, outcome };
  if (outcome === 'held' || outcome === 'failed') logger.warn('a flattened include', about);
  else logger.info('a flattened include', about);
};

/**
 * Counts a call that listed the includes of mail services, and logs those that could not be listed: a
 * page changed, or DNS was silent.
 */
export function logServices(failed: ReadonlyMap<string, string>): void {
  count('MailServicesListed');
  if (failed.size > 0) {
    logger.warn('networks of mail services', { failed: Object.fromEntries(failed) });
  }
}
