import type { Claim } from '#shared/core/model/claim.ts';
import { reportsHost, type Deployment } from '#shared/core/model/deployment.ts';
import { isLabel, type Label } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { ReportMails } from '#shared/app/ports/report-store.ts';
import { isAbout } from '#shared/core/reports/about-domain.ts';
import { dayOf } from '#shared/core/reports/day.ts';
import { MAX_MAIL_BYTES, type Reading, readReports } from '#shared/core/reports/read-reports.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';
import { authenticate } from './authenticate.ts';
import { countReport, type CountPorts, outOfDate, type ReportRefusal } from './count-report.ts';
import type { ReceivedMail } from './decode.ts';

export interface ReportPorts extends CountPorts {
  readonly deployment: Pick<Deployment, 'zone' | 'selectors' | 'bounceLabel'>;
  /** The permitted reporters: addresses or domains. */
  readonly reporters: readonly string[];
  readonly claims: Pick<ClaimStore, 'getByLabels'>;
  readonly mails: ReportMails;
}

/**
 * Takes a mail to report addresses: reads its reports, authenticates its reporter, and adds each
 * report to the aggregates of the address's claim. A report must be about that claim's domain, or a
 * name below it. A mail may come more than once; each report is counted once.
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
  const readings = await readingsOf(raw);
  const reporter =
    raw === 'too-large' || readings.some(isEndless)
      ? undefined
      : await authenticate(raw, mail, reporters, resolver, seconds);
  const refusals: Refusing[] = [];
  for (const reading of readings) refusals.push(...(await take(reading, claims, reporter, ports)));
  // Last, since they are not found again where the mail comes again: a failure before repeats none.
  for (const { claim, refusal } of refusals) await refuse(claim, refusal, reporter, key, ports);
}

interface Refusing {
  readonly claim: Claim;
  readonly refusal: ReportRefusal;
}

/** Counts a report for the claims that it is about, and returns the refusals for the others. */
async function take(
  reading: Reading,
  claims: readonly Claim[],
  reporter: string | undefined,
  ports: ReportPorts,
): Promise<Refusing[]> {
  if (reading instanceof UnreadableReport) {
    const refusal = { reason: reading.code, detail: reading.message };
    return claims.map((claim) => ({ claim, refusal }));
  }
  const concerned = claims.filter(({ domain }) => isAbout(reading, domain));
  if (concerned.length === 0)
    return claims.map((claim) => ({ claim, refusal: otherDomain(reading.domain, claim) }));
  const refusal = outOfDate(reading, ports.clock.now());
  if (refusal !== undefined) return concerned.map((claim) => ({ claim, refusal }));
  for (const claim of concerned) await countReport(claim, reading, reporter, ports);
  return [];
}

const otherDomain = (domain: string, claim: Claim): ReportRefusal => ({
  reason: 'other-domain',
  detail: `The report is about ${domain.slice(0, 100)}, not ${claim.domain}.`,
});

async function refuse(
  { domain, label }: Claim,
  refusal: ReportRefusal,
  reporter: string | undefined,
  key: string,
  { store, clock, log }: ReportPorts,
): Promise<void> {
  const now = clock.now();
  const proven = reporter === undefined ? {} : { reporter };
  await store.refuse(label, dayOf(now), { at: now.toISOString(), key, ...refusal, ...proven });
  log({ kind: 'refused', domain, ...refusal, reporter, key });
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

async function readingsOf(raw: Buffer | 'too-large'): Promise<readonly Reading[]> {
  if (raw !== 'too-large') return readReports(raw);
  const limit = `${MAX_MAIL_BYTES / 1_000_000} MB`;
  return [new UnreadableReport('mail-too-large', `The mail has over ${limit}.`)];
}

/** A header so long that it was given up is not read once more for its signatures. */
const isEndless = (reading: Reading): boolean =>
  reading instanceof UnreadableReport && reading.code === 'malformed-mail';
