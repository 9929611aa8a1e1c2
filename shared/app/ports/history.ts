import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainEvent } from '#shared/core/model/event.ts';

/** The events of domains; kept for `HISTORY_DAYS`. The tenant is part of every key. */
export interface History {
  /** Notes an event about a domain; noting it again changes nothing. @throws Throttled */
  note(event: DomainEvent): Promise<void>;
  /** A page of what happened to a tenant's domain, newest first. @throws Refusal `invalid-cursor` */
  of(
    key: ClaimKey,
    page: { cursor?: string; limit: number },
  ): Promise<{ events: DomainEvent[]; cursor: string | undefined }>;
}

/** As long as the sums of reports, so that a year's story can be read in both. */
export const HISTORY_DAYS = 400;
