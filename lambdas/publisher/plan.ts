import type { Publication } from '#shared/app/ports/publication-store.ts';
import {
  applyChanges,
  changesBetween,
  recordKey,
  sameRecord,
  type RecordChange,
} from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';

/**
 * Returns desired minus published. A desired record without a known change (its publisher died
 * before its note) is put again: only a known change can be followed to INSYNC.
 */
export function changesFor(desired: readonly HostedRecord[], base: Publication): RecordChange[] {
  const published = new Map(base.records.map((record) => [recordKey(record), record]));
  const unfollowed = desired.filter((record) => {
    const key = recordKey(record);
    const present = published.get(key);
    if (present === undefined || !sameRecord(present, record)) return false;
    return base.insyncSince[key] === undefined && base.pending[key] === undefined;
  });
  return [
    ...changesBetween(desired, base.records),
    ...unfollowed.map((record) => ({ action: 'UPSERT' as const, record })),
  ];
}

/**
 * Returns a publication after its zone was read, with the records that are there. A record's known
 * change still holds only where the record is the same.
 */
export function observed(publication: Publication, actual: readonly HostedRecord[]): Publication {
  const { uncertainSince: _settled, ...known } = publication;
  const before = new Map(known.records.map((record) => [recordKey(record), record]));
  const same = new Set(
    actual.flatMap((record) => {
      const key = recordKey(record);
      const present = before.get(key);
      return present !== undefined && sameRecord(present, record) ? [key] : [];
    }),
  );
  return {
    ...known,
    records: actual,
    insyncSince: pick(known.insyncSince, (key) => same.has(key)),
    pending: pick(known.pending, (key) => same.has(key)),
  };
}

/** A publication after Route 53 accepted changes to it. @param submittedAt ISO 8601 */
export function accepted(
  publication: Publication,
  changes: readonly RecordChange[],
  changeId: string,
  submittedAt: string,
): Publication {
  const changed = new Set(changes.map(({ record }) => recordKey(record)));
  const put = changes.filter(({ action }) => action !== 'DELETE');
  return {
    ...publication,
    records: applyChanges(publication.records, changes),
    insyncSince: pick(publication.insyncSince, (key) => !changed.has(key)),
    pending: {
      ...pick(publication.pending, (key) => !changed.has(key)),
      ...Object.fromEntries(
        put.map(({ record }) => [recordKey(record), { changeId, submittedAt }]),
      ),
    },
  };
}

const pick = <T>(from: Readonly<Record<string, T>>, wanted: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => wanted(key)));
