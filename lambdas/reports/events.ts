import type { DomainName } from '#shared/core/model/names.ts';
import type { Counted } from '#shared/app/ports/report-store.ts';
import type { KeyFailure } from '#shared/core/reports/key-failure.ts';
import type { UnreadableCode } from '#shared/core/reports/unreadable.ts';

/**
 * The reasons why a mail or a report in it gives no aggregates.
 *
 * - `other-domain`: the report is about no domain of the address's claims, or below one.
 * - `out-of-date`: of a day too long ago, or that has not been yet.
 */
export type RefusalReason = UnreadableCode | 'other-domain' | 'out-of-date';

/**
 * - `counted`: a report and what became of it; without a reporter it is unverified.
 * - `refused`: a mail to a domain's report address, or a report in it, gave no aggregates.
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
      readonly unreadableRows: number;
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
