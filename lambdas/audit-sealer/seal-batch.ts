import type { DynamoDBRecord } from 'aws-lambda';
import { sealEntries } from '#shared/app/audit/seal-entries.ts';
import type { AuditLog } from '#shared/app/ports/audit-log.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import { readEntry, type AuditOwner } from '#shared/core/audit/entry.ts';
import { auditEvent, type ServiceEvent } from '#shared/core/model/event.ts';

export interface SealerPorts {
  readonly log: Pick<AuditLog, 'head' | 'seal' | 'sealsOf'>;
  readonly bus: EventBus;
  /** Receives each failure; the batch comes again. */
  readonly failed: (error: unknown) => void;
}

interface Entry {
  readonly owner: AuditOwner;
  readonly key: string;
  readonly record: string;
}

/**
 * Seals the entries of a batch of the table's stream, and publishes an event of each. Those that are
 * sealed stay so, and events have ids of their own, so that a batch that comes again adds nothing.
 *
 * @returns the sequence number from which the batch must come again, undefined where all went well
 */
export async function sealBatch(
  { log, bus, failed }: SealerPorts,
  records: readonly DynamoDBRecord[],
): Promise<string | undefined> {
  // An erasure changes an entry outside its hash, and an expiry ends it: neither is a new one.
  const added = records.filter(({ eventName }) => eventName === 'INSERT');
  try {
    const entries = added.map(entryOf);
    for (const [owner, own] of Map.groupBy(entries, (one) => one.owner)) {
      await sealEntries(owner, own, { log });
    }
    if (entries.length > 0) await bus.put(entries.map(eventOf));
    return undefined;
  } catch (error) {
    failed(error);
    return records[0]?.dynamodb?.SequenceNumber ?? '';
  }
}

function entryOf({ dynamodb }: DynamoDBRecord): Entry {
  const { pk, sk, record } = dynamodb?.NewImage ?? {};
  if (pk?.S === undefined || sk?.S === undefined || record?.S === undefined) {
    throw new Error('the stream of the audit log has an entry without an owner, a key or a record');
  }
  return { owner: pk.S as AuditOwner, key: sk.S, record: record.S };
}

/** Without the personal texts, in whose place the record has commitments. */
function eventOf({ owner, key, record }: Entry): ServiceEvent {
  const { subjectId } = JSON.parse(record) as { subjectId: unknown };
  return auditEvent(readEntry({ owner, key, record, personal: {} }), typeof subjectId !== 'string');
}
