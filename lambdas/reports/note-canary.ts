import { txtResolver } from '#shared/adapters/dns/txt-resolver.ts';
import type { CanaryArrivals } from '#shared/app/ports/canary-arrivals.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { ReportMails } from '#shared/app/ports/report-store.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { canariesOf } from '#shared/core/mail/canary.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { parseHeader } from '#shared/core/mail/parse.ts';
import { type Deployment, reportsHost } from '#shared/core/model/deployment.ts';
import { MAX_MAIL_BYTES } from '#shared/core/reports/read-reports.ts';
import type { ReceivedMail } from './decode.ts';

export interface CanaryNotePorts {
  readonly deployment: Pick<Deployment, 'zone'>;
  readonly mails: ReportMails;
  readonly arrivals: Pick<CanaryArrivals, 'note'>;
  readonly resolver: Pick<Resolver, 'lookup'>;
  readonly clock: Clock;
}

/**
 * Notes a canary that came in, and whether it verifies as a receiver would see it.
 *
 * @returns false where the mail is none; it may be a report
 * @throws Error where DNS does not answer or the mail is not there, to be tried again
 */
export async function noteCanary(mail: ReceivedMail, ports: CanaryNotePorts): Promise<boolean> {
  const { deployment, mails, arrivals, clock } = ports;
  const [id] = canariesOf(mail.recipients, reportsHost(deployment.zone));
  if (id === undefined) return false;
  const raw = await mails.get(mail.key, MAX_MAIL_BYTES);
  if (raw === undefined) throw new Error(`the mail ${mail.key} is not in the bucket`);
  const now = clock.now();
  const verified = raw !== 'too-large' && (await isSigned(raw, now, ports));
  await arrivals.note({ id, at: now.toISOString(), verified });
  return true;
}

/** Returns true if the domain of the author signed it; @throws Error where DNS does not answer. */
async function isSigned(raw: Buffer, now: Date, { resolver }: CanaryNotePorts): Promise<boolean> {
  const author = authorOf(parseHeader(raw));
  if (!author.ok) return false;
  const seconds = Math.floor(now.getTime() / 1_000);
  const results = await verifyMessage(raw, txtResolver(resolver), seconds);
  const ours = results.filter(({ signature }) => signature?.domain === author.domain);
  if (ours.some(({ result }) => result === 'pass')) return true;
  if (ours.some(({ result }) => result === 'temperror')) {
    throw new Error(`DNS did not answer for the key of the canary from ${author.domain}`);
  }
  return false;
}
