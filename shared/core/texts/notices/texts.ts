import type { NoticeEventType } from '../../model/notice.ts';

/** The texts of notices to whom a tenant names; `{...}` is filled in. */
export interface NoticeTexts {
  readonly subject: string;
  /** In place of a domain's name in a subject. */
  readonly domains: string;
  readonly intro: string;
  readonly more: string;
  /** The record to change, of a key that is prepared. */
  readonly record: string;
  readonly button: string;
  readonly why: string;
  /** What happened, as the end of a subject and as a heading, and what there is to do. */
  readonly events: Readonly<Record<NoticeEventType, readonly [happened: string, toDo: string]>>;
}
