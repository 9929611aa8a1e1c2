import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { NoticeBatch, NoticeSettings } from '#shared/core/model/notice.ts';

/** Whom tenants have mailed, and the events that wait to be mailed. The tenant is part of every key. */
export interface NoticeStore {
  /** Strongly consistent. */
  settings(tenant: TenantId): Promise<NoticeSettings>;
  /** @throws Conflict where the settings are no longer those that were read */
  change(tenant: TenantId, before: NoticeSettings, next: NoticeSettings): Promise<void>;
  /**
   * Adds an event to the open batch of its tenant, or begins one with it. An event that is in a batch
   * stays in it.
   *
   * @param now when a batch that it begins began
   * @returns the batch that it is in, and the one before that where it began its batch just now
   * @throws Conflict where the batch was begun or closed meanwhile
   */
  gather(event: ServiceEvent, now: Date): Promise<GatheredEvent>;
  /** Closes a batch, so that no event joins it, and returns its events. Closing again changes nothing. */
  close(tenant: TenantId, batch: string): Promise<ServiceEvent[]>;
}

export interface GatheredEvent {
  /** The id of the event that the batch began with. */
  readonly batch: string;
  /** The batch before, where the event began one. */
  readonly before?: NoticeBatch;
  /** True if it joined a batch that should have been mailed long ago. */
  readonly overdue?: true;
}

/** So long an event is kept that is mailed, or known again. */
export const NOTICE_DAYS = 14;
