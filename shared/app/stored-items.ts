import { StoredItemError } from '#shared/core/model/errors.ts';
import { count, logger } from '#shared/runtime/log.ts';

/** Logs a malformed item by its key, and counts it. */
export function reportMalformed(error: StoredItemError): void {
  count('StoredItemsMalformed');
  logger.error('a stored item is malformed', error);
}

/**
 * Does something with the stored items of many keys at once. Where one of them is malformed, it does
 * it with each half by itself, so that the others go on without it.
 *
 * @param act throws StoredItemError where an item is malformed, and may be repeated for the others
 * @returns the keys whose items are malformed, each with the error, which is logged and counted
 * @throws what else `act` throws
 */
export async function apart<Key>(
  keys: readonly Key[],
  act: (keys: readonly Key[]) => Promise<void>,
): Promise<Map<Key, StoredItemError>> {
  try {
    await act(keys);
    return new Map();
  } catch (error) {
    if (!(error instanceof StoredItemError)) throw error;
    if (keys.length <= 1) {
      reportMalformed(error);
      return new Map(keys.map((key) => [key, error]));
    }
    const middle = Math.ceil(keys.length / 2);
    const first = await apart(keys.slice(0, middle), act);
    const second = await apart(keys.slice(middle), act);
    return new Map([...first, ...second]);
  }
}

/** The stored items of many keys, each with its value, or with the error where it is malformed. */
export interface Apart<Key, Value> {
  readonly found: Map<Key, Value>;
  readonly malformed: Map<Key, StoredItemError>;
}

/** Reads the stored items of many keys; malformed ones are distinct from absent ones. */
export async function readApart<Key, Value>(
  keys: readonly Key[],
  readMany: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): Promise<Apart<Key, Value>> {
  const found = new Map<Key, Value>();
  const malformed = await apart(keys, async (some) => {
    for (const [key, value] of await readMany(some)) found.set(key, value);
  });
  return { found, malformed };
}
