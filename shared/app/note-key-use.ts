import { HOUR_MS } from '#shared/core/time.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Clock } from './ports/clock.ts';
import type { KeyUses } from './ports/key-uses.ts';
import type { Log } from './ports/log.ts';

export interface NoteKeyUsePorts {
  readonly keyUses: Pick<KeyUses, 'note'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** Keys that are remembered, so that none costs more than one write an hour; then all are forgotten. */
const MOST_REMEMBERED = 10_000;

/**
 * Makes what notes the use of keys, to the hour: each process writes once an hour for a key. A
 * failure does not fail the request that the key came with.
 */
export function keyUseNotes({ keyUses, clock, log }: NoteKeyUsePorts) {
  const noted = new Map<string, string>();
  return async (key: string, tenant: TenantId, address: string): Promise<void> => {
    const at = new Date(Math.floor(clock.now().getTime() / HOUR_MS) * HOUR_MS).toISOString();
    if (noted.get(key) === at) return;
    if (noted.size >= MOST_REMEMBERED) noted.clear();
    noted.set(key, at);
    try {
      await keyUses.note({ key, tenant, at, address });
    } catch (error) {
      noted.delete(key);
      log.warn('the use of an API key was not noted', { tenant, error });
    }
  };
}

/** Notes the use of a key: its SHA-256 in hex, its tenant, and the address that it came from. */
export type NoteKeyUse = ReturnType<typeof keyUseNotes>;
