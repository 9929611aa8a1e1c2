import type { MessageCounts } from '#shared/api/routes/messages.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { DayCounts, MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import { COUNTED_DAYS, type ReputationCounts } from '#shared/core/model/reputation.ts';
import { submissionChannels, type SubmissionChannel } from '#shared/core/model/message.ts';
import { parseDomainName, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import { requireBound } from './require-bound.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';

export interface CountPorts {
  readonly mailCounts: Pick<MailCounts, 'read'>;
  readonly reputations: Pick<ReputationStore, 'days'>;
  readonly clock: Clock;
}

export interface CountQuery {
  readonly tenant: TenantId;
  /** The domains that the credential is for; absent: all. */
  readonly boundTo?: readonly DomainName[] | undefined;
  /** As it was asked for. */
  readonly domain: string;
  /** At most `COUNT_DAYS`. */
  readonly days: number;
}

/**
 * Returns a tenant's mails from a domain on each of the last days by channel, and what receivers reported
 * of its recipients. The domain need not be the tenant's any more.
 *
 * @throws Refusal `domain-invalid`, `forbidden`
 */
export async function countMessages(
  { mailCounts, reputations, clock }: CountPorts,
  { tenant, boundTo, domain: given, days: length }: CountQuery,
): Promise<MessageCounts> {
  const domain = requireBound(parseDomainName(given), boundTo);
  const today = dayOf(clock.now());
  const days = Array.from({ length }, (_, index) => daysAfter(today, index + 1 - length));
  const [counts, outcomes] = await Promise.all([
    mailCounts.read({ tenant, domain }, days),
    reputations.days({ tenant, domain }, clock.now().toISOString(), Math.min(length, COUNTED_DAYS)),
  ]);
  const first = length - outcomes.length;
  return {
    domain,
    total: sumOf(counts),
    days: days.map((day, index) => ({
      day,
      mails: sumOf([counts[index] ?? {}]),
      outcomes: outcomesOf(outcomes[index - first]),
    })),
  };
}

/** Null for a day whose outcomes are not kept. */
function outcomesOf(
  counts: ReputationCounts | undefined,
): MessageCounts['days'][number]['outcomes'] {
  if (counts === undefined) return null;
  const { outcomes, bounced, complained } = counts;
  return { delivered: outcomes - bounced, bounced, complained };
}

const sumOf = (counts: readonly DayCounts[]) =>
  Object.fromEntries(
    submissionChannels.map((channel) => [
      channel,
      counts.reduce((sum, each) => sum + (each[channel] ?? 0), 0),
    ]),
  ) as Record<SubmissionChannel, number>;
