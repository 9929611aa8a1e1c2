import { type AggregateReport, readAggregateReport } from './aggregate-report.ts';
import { kindOf, type ReportXml, reportsIn, type SizeLimits, SIZE_LIMITS } from './decompress.ts';
import { type Leaf, leavesOf } from './mime.ts';
import { UnreadableReport } from './unreadable.ts';

/** A report of the largest compressed size in base64, and room for the rest of its mail. */
export const MAX_MAIL_BYTES = 15_000_000;
/** Reports of a mail that are read. */
export const MAX_REPORTS_PER_MAIL = 20;
/** All reports of a mail together decompress to so many times the limit of one. */
const MAX_OF_LIMIT = 3;

/** One report of a mail, or the reason why it, or the whole mail, cannot be read. */
export type Reading = AggregateReport | UnreadableReport;

/**
 * Reads each aggregate report that a mail carries: in attachments, in the files of a zip, or as its
 * body; as gzip, zip or plain XML. Only a part's content counts, not its name. A report that cannot
 * be read leaves the others as they are.
 *
 * @param raw the mail as it was received
 * @returns one reading at least
 */
export async function readReports(
  raw: Buffer,
  limits: SizeLimits = SIZE_LIMITS,
): Promise<readonly Reading[]> {
  if (raw.length > MAX_MAIL_BYTES)
    return [new UnreadableReport('mail-too-large', `The mail has ${raw.length} bytes.`)];
  const readings: Reading[] = [];
  try {
    const budget = { bytes: MAX_OF_LIMIT * limits.decompressed };
    for (const leaf of leavesOf(raw)) await readLeaf(leaf, limits, budget, readings);
  } catch (error) {
    readings.push(asReason(error));
  }
  return withoutOtherFiles(readings);
}

interface Budget {
  /** That may still be decompressed. */
  bytes: number;
}

/**
 * @throws UnreadableReport `too-many-parts` where the mail has more reports than are read
 */
async function readLeaf(
  leaf: Leaf,
  limits: SizeLimits,
  budget: Budget,
  readings: Reading[],
): Promise<void> {
  const content = leaf.decode();
  const kind = kindOf(content);
  if (kind === undefined) return;
  const found = reasonOr(() => reportsIn(content, kind, limits));
  for (const xml of found instanceof UnreadableReport ? [found] : found) {
    if (readings.length === MAX_REPORTS_PER_MAIL)
      throw new UnreadableReport(
        'too-many-parts',
        `The mail has over ${MAX_REPORTS_PER_MAIL} reports.`,
      );
    readings.push(xml instanceof UnreadableReport ? xml : await readingOf(xml, budget));
  }
}

async function readingOf(xml: ReportXml, budget: Budget): Promise<Reading> {
  try {
    return await readAggregateReport(within(budget, xml));
  } catch (error) {
    return asReason(error);
  }
}

async function* within(budget: Budget, xml: ReportXml): AsyncGenerator<Buffer> {
  for await (const piece of xml) {
    budget.bytes -= piece.length;
    if (budget.bytes < 0)
      throw new UnreadableReport(
        'decompressed-too-large',
        'The reports of the mail decompress to too many bytes together.',
      );
    yield piece;
  }
}

function reasonOr<Result>(read: () => Result): Result | UnreadableReport {
  try {
    return read();
  } catch (error) {
    return asReason(error);
  }
}

/** @throws the error where it is none of the report's */
function asReason(error: unknown): UnreadableReport {
  if (error instanceof UnreadableReport) return error;
  throw error;
}

/** Files that are no report, beside one that is, are what some reporters add; alone they say why. */
function withoutOtherFiles(readings: readonly Reading[]): readonly Reading[] {
  if (readings.length === 0)
    return [
      new UnreadableReport('no-report', 'No part of the mail is gzip, zip or XML with a report.'),
    ];
  const reports = readings.filter((one) => !isOtherFile(one));
  return reports.some((one) => !(one instanceof UnreadableReport)) ? reports : readings;
}

const isOtherFile = (reading: Reading): boolean =>
  reading instanceof UnreadableReport &&
  (reading.code === 'not-a-report' || reading.code === 'no-report');
