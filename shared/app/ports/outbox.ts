import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import { HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

/** A message that is checked at a time, until it has ended. */
export interface OutboxEntry {
  readonly tenant: TenantId;
  readonly id: MessageId;
}

/** Minutes of one hour, the first and the last, so that what was missed is read in few calls. */
export interface Minutes {
  readonly first: Date;
  readonly last: Date;
}

/** Entries are kept for this long, since what checks them may be out itself. */
export const ENTRY_DAYS = 14;

/**
 * Messages by the minute in which it is checked that they are on their way. A message is entered
 * before it is stored, so that no stored one is missing.
 */
export interface Outbox {
  /** Enters a message for the minute of a time. */
  enter(entry: OutboxEntry, at: Date): Promise<void>;
  /** The entries of some minutes, page by page; they stay until they expire. */
  entries(
    minutes: Minutes,
    cursor?: string,
  ): Promise<{ readonly entries: readonly OutboxEntry[]; readonly cursor: string | undefined }>;
  /** The last minute that is done; undefined before the first. */
  doneUntil(): Promise<Date | undefined>;
  /** Notes that all minutes up to this one are done. */
  noteDone(minute: Date): Promise<void>;
}

/** A submission is checked after this time: it has been queued by then, and mostly sent. */
export const FIRST_CHECK_MS = 120_000;

/** Returns the minute that a time is in. */
export const minuteOf = (at: Date): Date =>
  new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);

/** Returns the minutes from one to another, both included, hour by hour. */
export function* minutesBetween(first: Date, last: Date): Generator<Minutes> {
  let from = first.getTime();
  while (from <= last.getTime()) {
    const hourEnd = Math.floor(from / HOUR_MS) * HOUR_MS + HOUR_MS - MINUTE_MS;
    const to = Math.min(hourEnd, last.getTime());
    yield { first: new Date(from), last: new Date(to) };
    from = to + MINUTE_MS;
  }
}
