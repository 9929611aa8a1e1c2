import type { ContactOwner } from '#shared/core/model/contact.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import type { ContactId } from '#shared/core/model/names.ts';

/** Hand-overs to contacts, found by their links, and by when a mail is due. */
export interface HandOverStore {
  /** Strongly consistent. */
  get(owner: ContactOwner, contact: ContactId): Promise<HandOver | undefined>;
  /** The hand-over that has a link, by the hash of its token; strongly consistent. */
  byLink(hash: string): Promise<HandOver | undefined>;
  /**
   * Writes `next` and what finds it by its links, where the stored one still is `before`; undefined
   * where there is none.
   *
   * @throws Conflict
   */
  put(before: HandOver | undefined, next: HandOver): Promise<void>;
  /** Up to `limit` whose mailing is due, the longest due first; eventually consistent. */
  due(now: string, limit: number): Promise<HandOver[]>;
}
