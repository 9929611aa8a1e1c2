import { kindOf, type CustomerRecord } from './customer-records.ts';

/** A record as the service exports it, with the result of its DNS check, if any. */
export interface ExportedRecord extends CustomerRecord {
  readonly observed?: readonly string[];
  readonly hint?: string | null;
}

/** Returns why a record has no value, as a comment: printable ASCII. */
export const whyEmpty = ({ hint }: Pick<ExportedRecord, 'hint'>): string =>
  printable(hint ?? 'It is not known yet; ask again in a few minutes.');

/**
 * The SPF records that a value is to take the place of, as comments: beside them it would be one too
 * many, and receivers would count none (RFC 7208 §3.2).
 */
export function replacedBy(record: ExportedRecord): readonly string[] {
  const { value = '', observed = [] } = record;
  const { replaces } = kindOf(record);
  return replaces?.(value) && !observed.includes(value)
    ? observed.filter(replaces).map(printable)
    : [];
}

const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?');
