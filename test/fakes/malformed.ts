import { StoredItemError } from '#shared/core/model/errors.ts';

/** Makes a read of many fail, as the stores do, while it asks for one that is malformed. */
export const malformed =
  <Args extends readonly unknown[], Found>(
    read: (...args: Args) => Promise<Found>,
    asksForIt: (...args: Args) => boolean,
  ) =>
  async (...args: Args): Promise<Found> => {
    if (asksForIt(...args)) throw new StoredItemError('table', { key: 'malformed' }, 'field');
    return read(...args);
  };
