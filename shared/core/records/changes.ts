import type { HostedRecord } from './hosted-record.ts';

/** One change of a Route 53 batch. */
export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  /** What is to be there; of a DELETE, exactly what is there. */
  readonly record: HostedRecord;
}

/** What tells the record sets of a zone apart: `name type`. */
export const recordKey = ({ name, type }: Pick<HostedRecord, 'name' | 'type'>): string =>
  `${name} ${type}`;

/** Whether two record sets of one name say the same; the order of values carries no meaning in DNS. */
export function sameRecord(a: HostedRecord, b: HostedRecord): boolean {
  return (
    recordKey(a) === recordKey(b) &&
    a.ttl === b.ttl &&
    a.values.length === b.values.length &&
    a.values.toSorted().every((value, index) => value === b.values.toSorted()[index])
  );
}

/**
 * The changes that turn what is published into what is desired: CREATE for new names, UPSERT for
 * changed ones, DELETE, with the very value published, for those gone. Deletions first, then by
 * name, so that the same input makes the same batch.
 */
export function changesBetween(
  desired: readonly HostedRecord[],
  published: readonly HostedRecord[],
): RecordChange[] {
  const before = new Map(published.map((record) => [recordKey(record), record]));
  const after = new Map(desired.map((record) => [recordKey(record), record]));
  const changes: RecordChange[] = [];
  for (const [key, record] of before) {
    if (!after.has(key)) changes.push({ action: 'DELETE', record });
  }
  for (const [key, record] of after) {
    const present = before.get(key);
    if (present === undefined) changes.push({ action: 'CREATE', record });
    else if (!sameRecord(present, record)) changes.push({ action: 'UPSERT', record });
  }
  return changes.toSorted(byActionAndName);
}

/** What is published once Route 53 has accepted the changes; the counterpart of `changesBetween`. */
export function applyChanges(
  published: readonly HostedRecord[],
  changes: readonly RecordChange[],
): HostedRecord[] {
  const records = new Map(published.map((record) => [recordKey(record), record]));
  for (const { action, record } of changes) {
    if (action === 'DELETE') records.delete(recordKey(record));
    else records.set(recordKey(record), record);
  }
  return [...records.values()];
}

const actionOrder = { DELETE: 0, UPSERT: 1, CREATE: 2 } as const;

function byActionAndName(a: RecordChange, b: RecordChange): number {
  if (a.action !== b.action) return actionOrder[a.action] - actionOrder[b.action];
  return recordKey(a.record) < recordKey(b.record) ? -1 : 1;
}
