import type { AggregateReport } from '#shared/core/reports/aggregate-report.ts';
import type { SizeLimits } from '#shared/core/reports/decompress.ts';
import { readReports } from '#shared/core/reports/read-reports.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';

/**
 * Reads the first report of a mail.
 *
 * @throws UnreadableReport where there is none, with the first reason
 */
export async function readReport(raw: Buffer, limits?: SizeLimits): Promise<AggregateReport> {
  const readings = await readReports(raw, limits);
  const report = readings.find((one) => !(one instanceof UnreadableReport));
  if (report === undefined) throw readings[0];
  return report as AggregateReport;
}
