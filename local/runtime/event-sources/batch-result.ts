import * as z from 'zod';
import type { Outcome } from '../lambda/environment.ts';

const partialResponse = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullable();

/**
 * Returns the failed items of a batch, by the identifiers that the function reported.
 *
 * A function that fails fails its whole batch; so does an answer that is not of the form of
 * `ReportBatchItemFailures` or that names an item that was not in the batch.
 *
 * @param identifiers of the batch's items, in their order
 * @param reportsFailures true if the mapping lets the function report failures one by one
 */
export function failedItems(
  outcome: Outcome,
  identifiers: readonly string[],
  reportsFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(identifiers);
  if (!outcome.answered) return all;
  if (!reportsFailures) return new Set();
  const answer = partialResponse.safeParse(JSON.parse(outcome.payload));
  if (!answer.success) return all;
  const failed = new Set(answer.data?.batchItemFailures?.map((item) => item.itemIdentifier));
  return failed.isSubsetOf(all) ? failed : all;
}
