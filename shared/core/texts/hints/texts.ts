import type { RecordCode } from '../../records/codes.ts';

/**
 * What to do about each fault of a record, for who runs the DNS; `{name}` is the record's name. One
 * that is missing is shown in English; a test lists it.
 */
export type HintTexts = Readonly<Partial<Record<RecordCode, string>>>;
