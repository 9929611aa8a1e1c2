import { createHash } from 'node:crypto';
import type { AggregateReport } from './aggregate-report.ts';

/** What makes a report another than all others of its reporter. */
type Identity = Pick<AggregateReport, 'organization' | 'reportId' | 'domain' | 'begin' | 'end'>;

/**
 * Identifies a report, so that one that comes twice is counted once. RFC 9990 §3.1 has an id unique
 * within the organization; some receivers use one again for other hours or another domain.
 */
export const reportKey = (report: Identity): string =>
  hashed(
    report.organization.toLowerCase(),
    report.reportId,
    report.domain,
    String(report.begin),
    String(report.end),
  );

/** The key that versions up to 0.2 stored for a report: the same for all hours and domains. */
export const earlierReportKey = ({
  organization,
  reportId,
}: Pick<Identity, 'organization' | 'reportId'>): string =>
  hashed(organization.toLowerCase(), reportId);

const hashed = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 16);
