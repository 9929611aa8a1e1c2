import { Throttled } from '#shared/core/model/errors.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import {
  ZoneRefusal,
  type ChangeStatus,
  type Zone,
  type ZoneRecords,
} from '#shared/app/ports/zone.ts';
import {
  batchCost,
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_RECORDS,
} from '#shared/core/records/batches.ts';
import { recordKey, sameRecord, type RecordChange } from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';

const PAGE = 300;

/** Hosted zones in memory, with Route 53's rules on batches and what a test plants. */
export class MemoryZone implements Zone {
  /** Every call of each kind, refused and failed ones included. */
  readonly calls = { submit: 0, changeStatus: 0, list: 0, listLabel: 0 };
  /** The accepted batches, in order. */
  readonly accepted: { shard: ShardName; changes: readonly RecordChange[]; changeId: string }[] =
    [];
  /** Errors that the next calls fail with, one each, before anything is done. */
  readonly failing: Error[] = [];
  /** Errors that the next submissions fail with after Route 53 has accepted them. */
  readonly failingAfter: Error[] = [];
  /** Planted: why a change is refused, undefined where it is not. */
  refuse: (change: RecordChange) => string | undefined = () => undefined;
  /** True if refusals name the offending change, as Route 53 mostly does. */
  namesCulprits = true;

  readonly #records = new Map<ShardName, Map<string, HostedRecord>>();
  readonly #foreign = new Map<ShardName, string[]>();
  readonly #changes = new Map<string, ChangeStatus>();

  constructor(shards: readonly ShardName[]) {
    for (const shard of shards) {
      this.#records.set(shard, new Map());
      this.#foreign.set(shard, []);
    }
  }

  /** All TXT record sets of a zone. */
  records(shard: ShardName): HostedRecord[] {
    return [...this.#zone(shard).values()];
  }

  /** Somebody else's hand: puts a record there, or takes one away. */
  meddle(shard: ShardName, record: HostedRecord | { remove: string }): void {
    if ('remove' in record) this.#zone(shard).delete(record.remove);
    else this.#zone(shard).set(recordKey(record), record);
  }

  /** Somebody else's record of a type that we never make: `name type`. */
  meddleForeign(shard: ShardName, record: string): void {
    this.#foreign.get(shard)?.push(record);
  }

  settle(): void {
    for (const id of this.#changes.keys()) this.#changes.set(id, 'insync');
  }

  forgetChanges(): void {
    this.#changes.clear();
  }

  async submit(shard: ShardName, changes: readonly RecordChange[]): Promise<string> {
    this.calls.submit += 1;
    this.#failIfPlanned();
    const next = new Map(this.#zone(shard));
    const reasons = [...limitReasons(changes)];
    for (const change of changes) {
      const reason = this.refuse(change) ?? this.#conflict(shard, change) ?? apply(next, change);
      if (reason !== undefined) reasons.push(reason);
    }
    if (reasons.length > 0) throw new ZoneRefusal(this.namesCulprits ? reasons : ['InvalidInput']);
    this.#records.set(shard, next);
    const changeId = `/change/C${this.accepted.length + 1}`;
    this.#changes.set(changeId, 'pending');
    this.accepted.push({ shard, changes, changeId });
    const failure = this.failingAfter.shift();
    if (failure !== undefined) throw failure;
    return changeId;
  }

  async changeStatus(changeId: string): Promise<ChangeStatus> {
    this.calls.changeStatus += 1;
    this.#failIfPlanned();
    return this.#changes.get(changeId) ?? 'unknown';
  }

  async list(
    shard: ShardName,
    cursor?: string,
  ): Promise<ZoneRecords & { cursor: string | undefined }> {
    this.calls.list += 1;
    this.#failIfPlanned();
    const sorted = this.records(shard).toSorted((a, b) => (recordKey(a) < recordKey(b) ? -1 : 1));
    const start = cursor === undefined ? 0 : Number(cursor);
    const end = start + PAGE;
    return {
      records: sorted.slice(start, end),
      foreign: start === 0 ? [...(this.#foreign.get(shard) ?? [])] : [],
      cursor: end < sorted.length ? String(end) : undefined,
    };
  }

  async listLabel(shard: ShardName, label: Label): Promise<ZoneRecords> {
    this.calls.listLabel += 1;
    this.#failIfPlanned();
    const top = `${label}.${shard}`;
    const isUnder = (name: string) => name === top || name.endsWith(`.${top}`);
    return {
      records: this.records(shard).filter(({ name }) => isUnder(name)),
      foreign: (this.#foreign.get(shard) ?? []).filter((record) =>
        isUnder(record.split(' ')[0] ?? ''),
      ),
    };
  }

  #zone(shard: ShardName): Map<string, HostedRecord> {
    const zone = this.#records.get(shard);
    if (zone === undefined) throw new Error(`no hosted zone ${shard}`);
    return zone;
  }

  #failIfPlanned(): void {
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
  }

  #conflict(shard: ShardName, { action, record }: RecordChange): string | undefined {
    const cname = `${record.name} CNAME`;
    if (action === 'DELETE' || !this.#foreign.get(shard)?.includes(cname)) return undefined;
    return `RRSet of type TXT with DNS name ${record.name}. is not permitted as it conflicts with other records with the same DNS name`;
  }
}

export const throttled = () => new Throttled('Route 53');

function* limitReasons(changes: readonly RecordChange[]): Generator<string> {
  const { records, characters } = batchCost(changes);
  if (records > MAX_BATCH_RECORDS)
    yield `Number of records limit of ${MAX_BATCH_RECORDS} exceeded.`;
  if (characters > MAX_BATCH_CHARACTERS) {
    yield `Number of characters limit of ${MAX_BATCH_CHARACTERS} exceeded.`;
  }
}

/** Applies one change in place; the reason where Route 53 would refuse it. */
function apply(zone: Map<string, HostedRecord>, change: RecordChange): string | undefined {
  const key = recordKey(change.record);
  const present = zone.get(key);
  const named = `resource record set [name='${change.record.name}.', type='TXT']`;
  switch (change.action) {
    case 'CREATE':
      if (present !== undefined) return `Tried to create ${named} but it already exists`;
      zone.set(key, change.record);
      return undefined;
    case 'UPSERT':
      zone.set(key, change.record);
      return undefined;
    case 'DELETE':
      if (present === undefined) return `Tried to delete ${named} but it was not found`;
      if (!sameRecord(present, change.record)) {
        return `Tried to delete ${named} but the values provided do not match the current values`;
      }
      zone.delete(key);
      return undefined;
  }
}
