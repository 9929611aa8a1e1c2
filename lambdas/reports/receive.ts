import type { Claim } from '#shared/core/model/claim.ts';
import { reportsHost, type Deployment } from '#shared/core/model/deployment.ts';
import { isLabel, type DomainName, type Label } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import {
  AGGREGATE_DAYS,
  type Counted,
  type ReportMails,
  type ReportStore,
} from '#shared/app/ports/report-store.ts';
import type { AggregateReport } from '#shared/core/reports/aggregate-report.ts';
import { dayOf, dayOfReport, reportKey } from '#shared/core/reports/day.ts';
import { MAX_MAIL_BYTES, readReport } from '#shared/core/reports/read-report.ts';
import { UnreadableReport, type UnreadableCode } from '#shared/core/reports/unreadable.ts';
import type { KeyFailure } from '#shared/core/reports/key-failure.ts';
import { authenticate } from './authenticate.ts';
import type { ReceivedMail } from './decode.ts';
import { type KeyFailurePorts, findFailingKey } from './find-failing-key.ts';
import { DAY_SECONDS } from '#shared/core/time.ts';

export interface ReportPorts extends KeyFailurePorts {
  readonly deployment: Pick<Deployment, 'zone' | 'selectors' | 'bounceLabel'>;
  /** The permitted reporters: addresses or domains. */
  readonly reporters: readonly string[];
  readonly claims: Pick<ClaimStore, 'getByLabels'>;
  readonly mails: ReportMails;
  readonly store: ReportStore;
  readonly clock: Clock;
  readonly log: (event: ReportEvent) => void;
}

/**
 * The reasons why a readable mail gives no aggregates.
 *
 * - `other-domain`: the report is about another domain than the address's.
 * - `out-of-date`: of a day too long ago, or that has not been yet.
 */
export type RefusalReason = UnreadableCode | 'other-domain' | 'out-of-date';

/**
 * - `counted`: a report and what became of it; without a reporter it is unverified.
 * - `refused`: a mail to a domain's report address gave no aggregates.
 * - `dropped`: a mail to no domain's report address.
 * - `key-failing`: receivers cannot verify what a newly promoted key signs; signing moves away from it.
 */
export type ReportEvent =
  | {
      readonly kind: 'counted';
      readonly domain: DomainName;
      readonly outcome: Counted;
      readonly reporter: string | undefined;
      readonly messages: number;
    }
  | {
      readonly kind: 'refused';
      readonly domain: DomainName;
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly reporter: string | undefined;
      readonly key: string;
    }
  | { readonly kind: 'dropped'; readonly recipients: readonly string[]; readonly key: string }
  | { readonly kind: 'key-failing'; readonly domain: DomainName; readonly failure: KeyFailure };

/** Clocks differ, and some days end elsewhere first. */
const MAX_AHEAD_SECONDS = 2 * DAY_SECONDS;

/**
 * Takes a mail to report addresses: reads its report, authenticates its reporter, and adds it to
 * the aggregates of the address's claim. The report must be about that claim's domain. A mail may
 * come more than once, and is counted once.
 *
 * @throws ReporterUnknown, or what a port throws, where it is to be tried again
 */
export async function receiveReport(mail: ReceivedMail, ports: ReportPorts): Promise<void> {
  const { mails, resolver, reporters, clock, log } = ports;
  const claims = await claimsOf(mail.recipients, ports);
  const { key, recipients } = mail;
  if (claims.length === 0) return log({ kind: 'dropped', recipients, key });
  const raw = await mails.get(key, MAX_MAIL_BYTES);
  if (raw === undefined) throw new Error(`the mail ${key} is not in the bucket`);
  const seconds = Math.floor(clock.now().getTime() / 1_000);
  const content = await contentOf(raw);
  const reporter =
    raw === 'too-large' || isEndless(content)
      ? undefined
      : await authenticate(raw, mail, reporters, resolver, seconds);
  for (const claim of claims) {
    await takeFor(claim, content, reporter, key, ports);
  }
}

/** Live claims and retired claims whose report address it was sent to; an expired one was never in use. */
async function claimsOf(
  recipients: readonly string[],
  { claims, deployment }: ReportPorts,
): Promise<Claim[]> {
  const host = `@${reportsHost(deployment.zone)}`;
  const labels = recipients.flatMap((recipient): Label[] => {
    const address = recipient.toLowerCase();
    const local = address.endsWith(host) ? address.slice(0, -host.length) : '';
    return isLabel(local) ? [local] : [];
  });
  if (labels.length === 0) return [];
  const found = await claims.getByLabels(labels);
  return [...found.values()].filter(({ lifecycle }) => lifecycle !== 'expired');
}

async function contentOf(raw: Buffer | 'too-large'): Promise<AggregateReport | UnreadableReport> {
  if (raw === 'too-large') {
    const limit = `${MAX_MAIL_BYTES / 1_000_000} MB`;
    return new UnreadableReport('mail-too-large', `The mail has over ${limit}.`);
  }
  try {
    return await readReport(raw);
  } catch (error) {
    if (error instanceof UnreadableReport) return error;
    throw error;
  }
}

/** A header so long that it was given up is not read once more for its signatures. */
const isEndless = (content: AggregateReport | UnreadableReport): boolean =>
  content instanceof UnreadableReport && content.code === 'malformed-mail';

async function takeFor(
  claim: Claim,
  content: AggregateReport | UnreadableReport,
  reporter: string | undefined,
  key: string,
  ports: ReportPorts,
): Promise<void> {
  const { store, clock, log } = ports;
  const { domain, label } = claim;
  const now = clock.now();
  const refusal = refusalOf(content, domain, now);
  if (refusal !== undefined) {
    const proven = reporter === undefined ? {} : { reporter };
    await store.refuse(label, dayOf(now), { at: now.toISOString(), key, ...refusal, ...proven });
    return log({ kind: 'refused', domain, ...refusal, reporter, key });
  }
  const aggregate = content as AggregateReport;
  const outcome = await store.add({
    label,
    day: dayOfReport(aggregate),
    reporter,
    key: reportKey(aggregate),
    organization: aggregate.organization.slice(0, 100),
    groups: aggregate.groups,
  });
  log({ kind: 'counted', domain, outcome, reporter, messages: aggregate.messages });
  if (reporter === undefined || outcome === 'full') return;
  const failure = await findFailingKey(claim, aggregate.groups, now, ports);
  if (failure !== undefined) log({ kind: 'key-failing', domain, failure });
}

function refusalOf(
  content: AggregateReport | UnreadableReport,
  domain: DomainName,
  now: Date,
): { readonly reason: RefusalReason; readonly detail: string } | undefined {
  if (content instanceof UnreadableReport) return { reason: content.code, detail: content.message };
  if (content.domain !== domain) {
    const other = content.domain.slice(0, 100);
    return { reason: 'other-domain', detail: `The report is about ${other}, not ${domain}.` };
  }
  const seconds = now.getTime() / 1_000;
  if (
    content.end > seconds + MAX_AHEAD_SECONDS ||
    content.begin < seconds - AGGREGATE_DAYS * DAY_SECONDS
  ) {
    const range = `${dayOf(content.begin * 1_000)} to ${dayOf(content.end * 1_000)}`;
    return { reason: 'out-of-date', detail: `The report is of ${range}.` };
  }
  return undefined;
}
