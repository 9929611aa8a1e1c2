import type { Actor, Change } from '#shared/core/audit/entry.ts';
import { entryOf, type StoredEntry } from '#shared/core/audit/entry.ts';
import { AUDIT_DAYS } from '#shared/core/audit/retention.ts';
import { expiresAfter, type TransactWrite } from './dynamo.ts';

/**
 * What every store takes that changes something of a tenant or a platform. A write of such a store
 * has the entries of its changes among the writes of its own transaction, so that there is neither a
 * change without its entry nor an entry without its change.
 */
export interface AuditTrail {
  /** The writes of the entries; none for a change that changes nothing that the log has. */
  entriesOf(...changes: readonly Change[]): TransactWrite[];
}

export interface TrailPorts {
  /** In whose name the work is done. @throws Error where nobody said so */
  readonly actor: () => Actor;
  readonly now: () => Date;
  /** Makes octets. */
  readonly random: (size: number) => Uint8Array;
}

/** An entry as an item of the table `audit`: under its owner, in the order of time. */
export const entryItem = ({ owner, key, record, personal }: StoredEntry) => ({
  pk: owner,
  sk: key,
  record,
  personal,
  expiresAt: expiresAfter(key.slice(0, key.indexOf('#')), AUDIT_DAYS + 2),
});

/** For who opens a store to read: a change would have nowhere to write its entry, and is not made. */
export const readsOnly: AuditTrail = {
  entriesOf() {
    throw new Error('a change needs the audit trail: whoever makes it declares the table `audit`');
  },
};

/**
 * The audit trail of a table `audit`. Entries share no item with one another, so that no two changes
 * meet at one.
 */
export const dynamoAuditTrail = (
  table: string,
  { actor, now, random }: TrailPorts,
): AuditTrail => ({
  entriesOf: (...changes) =>
    changes.flatMap((change) => {
      const entry = entryOf(change, actor(), { at: now().toISOString(), random });
      if (entry === undefined) return [];
      const condition = 'attribute_not_exists(pk)';
      return [
        { Put: { TableName: table, Item: entryItem(entry), ConditionExpression: condition } },
      ];
    }),
});
