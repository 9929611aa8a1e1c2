import type { ReportsDocument } from '#shared/api/routes/reports.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import { decisionOn, decisionsOf } from '#shared/core/dmarc/source-decisions.ts';
import { type Day, dayOf, daysAfter, daysBetween } from '#shared/core/reports/day.ts';
import type { Outcomes } from '#shared/core/reports/outcomes.ts';
import { serviceByNetwork } from '#shared/core/reports/services/networks.ts';
import type { MailService } from '#shared/core/reports/services/service.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';
import { reportTotals } from '#shared/core/reports/totals.ts';
import type { DomainPorts } from './ports.ts';

/** Days that are shown where none are asked for, and that one answer has at most. */
const USUAL_DAYS = 30;
const MAX_DAYS = 92;

/**
 * Reads receivers' reports about a claim's domain.
 *
 * @throws Refusal `invalid-parameter` where the days are in the wrong order, or too many
 */
export async function readReports(
  claim: Claim,
  range: { readonly from?: Day | undefined; readonly to?: Day | undefined },
  {
    reports,
    serviceNetworks,
    deployment,
    clock,
  }: Pick<DomainPorts, 'reports' | 'serviceNetworks' | 'deployment' | 'clock'>,
): Promise<ReportsDocument> {
  const to = range.to ?? dayOf(clock.now());
  const from = range.from ?? daysAfter(to, -USUAL_DAYS);
  const days = daysBetween(from, to);
  if (days < 0 || days > MAX_DAYS) {
    throw new Refusal(
      'invalid-parameter',
      `From ${from} to ${to} cannot be shown: give days in their order, at most ${MAX_DAYS} apart.`,
    );
  }
  const [{ aggregates, refusals, flaggedKeys }, networks] = await Promise.all([
    reports.read(claim.label, from, to),
    serviceNetworks.all(),
  ]);
  const totals = reportTotals(
    aggregates,
    sourceContext(claim.domain, deployment),
    serviceByNetwork(networks),
  );
  const decisions = decisionsOf(claim);
  const own = ownSources({ ...decisions, learned: claim.rollOut?.learned ?? [] });
  return {
    name: claim.domain,
    from,
    to,
    totals: withRates(totals.totals),
    days: totals.days.map(withRates),
    sources: totals.sources.map((source) => ({
      ...withRates(source),
      addresses: [...source.addresses],
      known: own.has(source.id),
      decision: decisionOn(source.id, decisions),
      service: source.service === undefined ? null : serviceDocument(source.service),
    })),
    selectors: totals.selectors.map(({ selector, passed, failed }) => ({
      selector,
      passed,
      failed,
      rate: rateOf(passed, passed + failed),
    })),
    reporters: [...totals.reporters],
    names: totals.names.map(withRates),
    unreadableRows: totals.unreadableRows,
    coarse: totals.coarse,
    flaggedKeys: flaggedKeys.map((key) => ({ ...key, reporters: [...key.reporters] })),
    unverified: {
      ...totals.unverified,
      organizations: [...totals.unverified.organizations],
    },
    refused: refusals.map(({ day, counts, last }) => ({
      day,
      counts: { ...counts },
      last: last.map(({ at, reason, detail, reporter = null }) => ({
        at,
        reason,
        detail,
        reporter,
      })),
    })),
  };
}

const serviceDocument = ({ name, align, source: page, read }: MailService) => ({
  name,
  align,
  page,
  read,
});

const withRates = <Totals extends Outcomes>(totals: Totals) => ({
  ...totals,
  rates: {
    passed: rateOf(totals.passed, totals.messages),
    dkim: rateOf(totals.dkim, totals.messages),
    spf: rateOf(totals.spf, totals.messages),
  },
});

const rateOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
