import type { HostedRecord } from './hosted-record.ts';

/** One change of a Route 53 batch. */
export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  /** The record to write; of a DELETE, exactly the present one. */
  readonly record: HostedRecord;
}

/** Returns the identity of a record set in its zone: `name type`. */
export const recordKey = ({ name, type }: Pick<HostedRecord, 'name' | 'type'>): string =>
  `${name} ${type}`;

/**
 * Returns true if two record sets of one name are equal; DNS gives the order of values no meaning.
 */
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

/**
 * Returns the published records once Route 53 has accepted the changes; the counterpart of
 * `changesBetween`.
 */
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
