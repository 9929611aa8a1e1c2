import { type AggregateReport, readAggregateReport } from './aggregate-report.ts';
import { decompress, kindOf, type SizeLimits, SIZE_LIMITS } from './decompress.ts';
import { leavesOf } from './mime.ts';
import { UnreadableReport } from './unreadable.ts';

/** A report of the largest compressed size in base64, and room for the rest of its mail. */
export const MAX_MAIL_BYTES = 15_000_000;
/** Parts that may be a report and are tried; each may decompress to the limit. */
const MAX_CANDIDATES = 3;

/**
 * Reads the aggregate report that a mail carries: in an attachment or as its body, as gzip, zip or
 * plain XML. Only a part's content counts, not its name.
 *
 * @param raw the mail as it was received
 * @throws UnreadableReport
 */
export async function readReport(
  raw: Buffer,
  limits: SizeLimits = SIZE_LIMITS,
): Promise<AggregateReport> {
  if (raw.length > MAX_MAIL_BYTES)
    throw new UnreadableReport('mail-too-large', `The mail has ${raw.length} bytes.`);
  let candidates = 0;
  let failure: UnreadableReport | undefined;
  for (const leaf of leavesOf(raw)) {
    const content = leaf.decode();
    const kind = kindOf(content);
    if (kind === undefined) continue;
    candidates += 1;
    try {
      return await readAggregateReport(decompress(content, kind, limits));
    } catch (error) {
      if (!(error instanceof UnreadableReport)) throw error;
      failure ??= error;
    }
    if (candidates === MAX_CANDIDATES) break;
  }
  throw (
    failure ??
    new UnreadableReport('no-report', 'No part of the mail is gzip, zip or XML with a report.')
  );
}
