import { retry, retryLimits } from '#shared/async/retry.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** Entries that a batch call did not take, and the error to throw where they are left for good. */
export interface LeftOver<Entry> {
  readonly entries: readonly Entry[];
  readonly error: Error;
}

/**
 * Makes a batch call for each part of the entries in order, and makes it again for the entries that
 * it left over.
 *
 * @param size entries that one call takes
 * @param call returns undefined where it took all; what it throws is not tried again
 * @throws the error of the entries that are left after the last try
 */
export async function inBatches<Entry>(
  entries: readonly Entry[],
  size: number,
  call: (part: readonly Entry[]) => Promise<LeftOver<Entry> | undefined>,
): Promise<void> {
  for (const slice of slicesOf(entries, size)) {
    let open: readonly Entry[] = slice;
    let left: LeftOver<Entry> | undefined;
    await retry({ ...retryLimits.leftOver, on: () => left !== undefined }, async () => {
      left = undefined;
      left = await call(open);
      if (left === undefined) return;
      open = left.entries;
      throw left.error;
    });
  }
}
