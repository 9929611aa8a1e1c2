import { StoredItemError } from '#shared/core/model/errors.ts';
import { reportMalformed } from '#shared/app/stored-items.ts';
import type { Item } from './item.ts';

/** Reads items of a list, each by itself. */
export type ReadAll = <T>(items: readonly Item[], read: (item: Item) => T) => T[];

/** Reads all of them. @throws StoredItemError where one is malformed */
export const every: ReadAll = (items, read) => items.map(read);

/**
 * Reads those of a list that can be read. One that is malformed is left out, logged and counted, so
 * that it does not keep the others from being seen.
 */
export const readable: ReadAll = (items, read) =>
  items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof StoredItemError)) throw error;
      reportMalformed(error);
      return [];
    }
  });
