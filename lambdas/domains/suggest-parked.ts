import { isParked, isProven, type Claim } from '#shared/core/model/claim.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';
import { reportTotals } from '#shared/core/reports/totals.ts';
import type { DomainPorts } from './ports.ts';

/** Days without mail of its own after which a domain may be one that sends nothing. */
export const QUIET_DAYS = 60;

/**
 * Suggests to park a domain of which receivers have reported no mail that passes for 60 days, though
 * they reported others' mail in both halves of that time. Silence alone suggests nothing: reports may
 * not arrive.
 */
export async function suggestParked(
  claim: Claim,
  { reports, deployment, clock }: Pick<DomainPorts, 'reports' | 'deployment' | 'clock'>,
): Promise<{ suggestion?: 'parked' }> {
  const to = dayOf(clock.now());
  const from = daysAfter(to, -QUIET_DAYS);
  const isYoung = claim.createdAt.slice(0, 10) > from;
  if (isParked(claim) || !isProven(claim) || isYoung) return {};
  const { aggregates } = await reports.read(claim.label, from, to);
  const { totals, days, sources } = reportTotals(
    aggregates,
    sourceContext(claim.domain, deployment),
  );
  const middle = daysAfter(to, -QUIET_DAYS / 2);
  const reported = days.filter(({ messages }) => messages > 0);
  const isCovered =
    reported.some(({ day }) => day < middle) && reported.some(({ day }) => day >= middle);
  const isOwn = totals.passed > 0 || sources.some(({ kind }) => kind === 'service');
  return isCovered && !isOwn ? { suggestion: 'parked' } : {};
}
