import { count, logger } from '#shared/runtime/log.ts';
import type { Revocation } from '../ports/revocation-ledger.ts';

/** Key ids in one line of the log. */
const SHOWN = 50;

/** Logs keys that a restore had brought back, and counts them for the alarm. */
export function logRecovered(recovered: readonly Revocation[]): void {
  count('RevocationsRecovered', recovered.length);
  logger.error('revoked keys were missing in their table, and are in it again', {
    keyIds: recovered.slice(0, SHOWN).map(({ keyId }) => keyId),
    total: recovered.length,
  });
}
