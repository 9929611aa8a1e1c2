import { RecordSyntaxError, isWithin } from '../dns/records.ts';
import { writeDnsName } from './route53-names.ts';
import { recordsOf, sameRecords } from './route53-values.ts';
import type { RecordSet } from './route53-values.ts';

export type ChangeAction = 'CREATE' | 'DELETE' | 'UPSERT';

export interface Change {
  readonly action: ChangeAction;
  readonly set: RecordSet;
}

/** The record sets of a zone by name, then type. */
export type RecordSets = ReadonlyMap<string, ReadonlyMap<string, RecordSet>>;

/** The new state of one record set; without `set` it goes. */
export interface Edit {
  readonly name: string;
  readonly type: string;
  readonly set?: RecordSet;
}

export interface ZoneContents {
  readonly id: string;
  readonly apex: string;
  readonly sets: RecordSets;
  /** The number of record sets. */
  readonly count: number;
}

/** Route 53's quotas (FACTS: one batch, one zone, one record set). */
const MAX_RECORDS_A_BATCH = 1000;
const MAX_CHARACTERS_A_BATCH = 32_000;
const MAX_SETS_A_ZONE = 10_000;
const MAX_VALUES_A_SET = 400;
const MAX_TTL = 0x7f_ff_ff_ff;

const weight = ({ action }: Change): number => (action === 'UPSERT' ? 2 : 1);

function sizeProblems(changes: readonly Change[]): string[] {
  let records = 0;
  let characters = 0;
  for (const change of changes) {
    records += weight(change) * change.set.values.length;
    for (const value of change.set.values) characters += weight(change) * value.length;
  }
  const problems: string[] = [];
  if (records > MAX_RECORDS_A_BATCH) {
    problems.push(`Number of records limit of ${MAX_RECORDS_A_BATCH} exceeded.`);
  }
  if (characters > MAX_CHARACTERS_A_BATCH) {
    problems.push(`RDATA character limit of ${MAX_CHARACTERS_A_BATCH} exceeded.`);
  }
  return problems;
}

function formProblems({ set }: Change, apex: string): string[] {
  const problems: string[] = [];
  const name = writeDnsName(set.name);
  if (!isWithin(set.name, apex)) {
    problems.push(`RRSet with DNS name ${name} is not permitted in zone ${writeDnsName(apex)}`);
  }
  if (!Number.isInteger(set.ttl) || set.ttl < 0 || set.ttl > MAX_TTL) {
    problems.push(`Invalid TTL: ${set.ttl} is not from 0 to ${MAX_TTL}`);
  }
  if (set.values.length === 0) {
    problems.push(`Record set ${set.type} ${name} has no resource records`);
  }
  if (set.values.length > MAX_VALUES_A_SET) {
    problems.push(`Cannot have more than ${MAX_VALUES_A_SET} records in a RRSet.`);
  }
  const repeated = set.values.find((value, index) => set.values.indexOf(value) < index);
  if (repeated !== undefined) problems.push(`Duplicate Resource Record: '${repeated}'`);
  try {
    recordsOf(set);
  } catch (error) {
    if (!(error instanceof RecordSyntaxError)) throw error;
    problems.push(error.message);
  }
  return problems;
}

const keyOf = ({ set }: Change): string => `${set.type} ${writeDnsName(set.name)}`;

/** One record set may be changed once in a batch, or deleted and then created. */
function sequenceProblems(changes: readonly Change[]): string[] {
  const problems: string[] = [];
  for (const [key, list] of Map.groupBy(changes, keyOf)) {
    const actions = list.map(({ action }) => action).join(' ');
    if (list.length > 1 && actions !== 'DELETE CREATE') {
      problems.push(
        `The request contains an invalid set of changes for a resource record set '${key}'`,
      );
    }
  }
  return problems;
}

function apply(
  changes: readonly Change[],
  zone: ZoneContents,
): { edits: Edit[]; problems: string[] } {
  const edits = new Map<string, Edit>();
  const problems: string[] = [];
  for (const change of changes) {
    const { action, set } = change;
    const { name, type } = set;
    const edited = edits.get(keyOf(change));
    const current = edited === undefined ? zone.sets.get(name)?.get(type) : edited.set;
    const subject = `resource record set [name='${writeDnsName(name)}', type='${type}']`;
    if (action === 'CREATE' && current !== undefined) {
      problems.push(`Tried to create ${subject} but it already exists`);
    } else if (action === 'DELETE' && current === undefined) {
      problems.push(`Tried to delete ${subject} but it was not found`);
    } else if (action === 'DELETE' && current !== undefined && !sameRecords(current, set)) {
      problems.push(
        `Tried to delete ${subject} but the values provided do not match the current values`,
      );
    }
    edits.set(keyOf(change), action === 'DELETE' ? { name, type } : { name, type, set });
  }
  return { edits: [...edits.values()], problems };
}

/** The types that are at a name once the edits are made. */
function typesAfter(name: string, edits: readonly Edit[], sets: RecordSets): Set<string> {
  const types = new Set(sets.get(name)?.keys());
  for (const edit of edits) {
    if (edit.name !== name) continue;
    if (edit.set === undefined) types.delete(edit.type);
    else types.add(edit.type);
  }
  return types;
}

function conflictProblems(edits: readonly Edit[], zone: ZoneContents): string[] {
  const problems: string[] = [];
  const apex = writeDnsName(zone.apex);
  for (const [name, list] of Map.groupBy(edits, (edit) => edit.name)) {
    const types = typesAfter(name, list, zone.sets);
    const written = writeDnsName(name);
    if (name === zone.apex) {
      for (const type of ['SOA', 'NS']) {
        if (!types.has(type))
          problems.push(`A HostedZone must contain a ${type} record at its apex.`);
      }
      if (types.has('CNAME')) {
        problems.push(
          `RRSet of type CNAME with DNS name ${written} is not permitted at apex in zone ${apex}`,
        );
      }
    } else if (types.has('CNAME') && types.size > 1) {
      const cname = list.some((edit) => edit.type === 'CNAME' && edit.set !== undefined);
      const other = list.find((edit) => edit.type !== 'CNAME' && edit.set !== undefined);
      problems.push(
        cname
          ? `RRSet of type CNAME with DNS name ${written} is not permitted as it conflicts with other records with the same DNS name in zone ${apex}`
          : `RRSet of type ${other?.type ?? ''} with DNS name ${written} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${apex}`,
      );
    }
    const alias = list.find((edit) => edit.type === 'CNAME')?.set;
    if (alias !== undefined && alias.values.length > 1) {
      problems.push(`RRSet of type CNAME with DNS name ${written} must have one value`);
    }
  }
  return problems;
}

function countProblems(edits: readonly Edit[], zone: ZoneContents): string[] {
  let count = zone.count;
  for (const { name, type, set } of edits) {
    const present = zone.sets.get(name)?.has(type) ?? false;
    count += (set === undefined ? 0 : 1) - (present ? 1 : 0);
  }
  return count > MAX_SETS_A_ZONE && count > zone.count
    ? [`Exceeded limit MAX_RRSETS_BY_ZONE for zone: ${zone.id}`]
    : [];
}

/**
 * Judges a change batch against a zone as Route 53 does, all or nothing.
 * @returns the edits to make, or the problems in Route 53's words
 */
export function planBatch(
  changes: readonly Change[],
  zone: ZoneContents,
): { readonly edits: readonly Edit[] } | { readonly problems: readonly string[] } {
  const early = [
    ...sizeProblems(changes),
    ...changes.flatMap((change) => formProblems(change, zone.apex)),
    ...sequenceProblems(changes),
  ];
  if (early.length > 0) return { problems: early };
  const { edits, problems } = apply(changes, zone);
  const late = [...problems, ...conflictProblems(edits, zone), ...countProblems(edits, zone)];
  return late.length > 0 ? { problems: late } : { edits };
}
