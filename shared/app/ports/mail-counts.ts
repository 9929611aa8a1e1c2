import type { SubmissionChannel } from '#shared/core/model/message.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { Day } from '#shared/core/reports/day.ts';

/** The mails from a domain of a tenant in a UTC day, by the channel that they came by. */
export type DayCounts = Readonly<Partial<Record<SubmissionChannel, number>>>;

/** The place of a day's counts. */
export interface CountsKey {
  readonly tenant: TenantId;
  readonly domain: DomainName;
  readonly day: Day;
}

/** The retention of a day's counts: that of messages. */
export const COUNT_DAYS = 90;

/** Counts accepted mails as they come, so that nobody has to read their list for a sum. */
export interface MailCounts {
  add(key: CountsKey, channel: SubmissionChannel): Promise<void>;
  /** The domains that a tenant has counts of, in order; at most so many. */
  domains(tenant: TenantId, most: number): Promise<DomainName[]>;
  /** The counts of so many days in their order, by one batch read. */
  read(of: Omit<CountsKey, 'day'>, days: readonly Day[]): Promise<DayCounts[]>;
}
