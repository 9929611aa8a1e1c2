import type { RecordStatus } from '../../model/check.ts';
import type { RecordPurpose } from '../../records/kinds/index.ts';

/** The texts of the page behind a link; `{...}` is filled in by the page. */
export interface PageTexts {
  readonly title: string;
  readonly titleMany: string;
  readonly hello: string;
  readonly intro: string;
  readonly introMany: string;
  readonly progress: string;
  readonly done: string;
  readonly where: string;
  readonly required: string;
  readonly requiredWhy: string;
  readonly recommended: string;
  readonly recommendedWhy: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly server: string;
  readonly priority: string;
  readonly copy: string;
  readonly copied: string;
  readonly copyFailed: string;
  readonly shortNames: string;
  readonly check: string;
  readonly checking: string;
  readonly checked: string;
  readonly unchecked: string;
  readonly slow: string;
  readonly found: string;
  readonly files: string;
  readonly connect: string;
  readonly connectWhy: string;
  readonly back: string;
  readonly until: string;
  readonly gone: string;
  readonly offline: string;
  readonly busy: string;
  readonly language: string;
  readonly stop: string;
  readonly stopped: string;
  readonly preparing: string;
  readonly byHand: string;
  readonly script: string;
  readonly open: string;
  readonly status: Readonly<Record<RecordStatus, string>>;
  /** Titles of kinds of records that are not the same in every language. */
  readonly titles: Readonly<Partial<Record<RecordPurpose, string>>>;
  /** What each kind of record is for; `parked` of the policy of a domain that sends nothing. */
  readonly why: Readonly<Partial<Record<RecordPurpose | 'parked', string>>>;
}
