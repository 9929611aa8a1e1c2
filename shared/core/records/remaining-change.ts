import { kindOf, type CustomerRecord } from './customer-records.ts';
import type { ShownStatus } from './kind.ts';
import type { PresentSet, PresentSets } from './present-sets.ts';

/** A record of a customer, with the result of its last check. */
export interface CheckedRecord extends CustomerRecord, ShownStatus {
  readonly observed: readonly string[];
  readonly hint?: string | null | undefined;
}

/**
 * The change that makes a record right.
 *
 * - `create`: its name has nothing that the record could conflict with.
 * - `add`: its name has TXT records, which stay, but for those that it takes the place of.
 * - `replace`: a CNAME takes the place of TXT records or of a wrong CNAME, or an MX of a wrong MX.
 * - `by-hand`: nothing that a tool could apply without harm.
 */
export type Change =
  | { readonly action: 'create' }
  | {
      readonly action: 'add';
      readonly present: PresentSet;
      /** Indexes in `present.values` of the texts that go. */
      readonly replaced: readonly number[];
    }
  | { readonly action: 'replace'; readonly present: PresentSet }
  | { readonly action: 'by-hand'; readonly why: string };

export interface RemainingChange {
  readonly record: CheckedRecord & { readonly value: string };
  readonly change: Change;
}

/**
 * The one filter of all exports and of Domain Connect: what remains to be done, in the order of the
 * records. Nothing of the customer's goes that the last check did not see and judge.
 *
 * @param presentAt the record sets at each name now; a name that is not in it was not queried
 */
export const remainingChanges = (
  records: readonly CheckedRecord[],
  presentAt: ReadonlyMap<string, PresentSets> = new Map(),
): RemainingChange[] =>
  records.filter(isRemaining).flatMap((record) => {
    const change = changeFor(record, presentAt.get(record.name));
    const { value = '' } = record;
    return change === undefined ? [] : [{ record: { ...record, value }, change }];
  });

/** Returns true if a record is neither right nor right by one of the customer's own. */
export const isRemaining = ({ status }: Pick<CheckedRecord, 'status'>): boolean =>
  status !== 'ok' && status !== 'ok-external';

/** @returns undefined where the record has become right since its check */
function changeFor(record: CheckedRecord, present: PresentSets | undefined): Change | undefined {
  const { name, value, hint, status } = record;
  if (!value) return byHand(hint ?? 'It is not known yet; ask again in a few minutes.');
  // A wildcard's answer is of no record set at the name.
  if (record.code === 'wildcard' || present === undefined) return create;
  switch (present.kind) {
    case 'unclear':
      return byHand(
        `The name servers do not agree on what is at ${name}, or it is more than can be read.`,
      );
    case 'unseen':
      return status === 'missing' || (status === 'unknown' && !kindOf(record).isMerged)
        ? create
        : byHand(`DNS did not show what is at ${name}. Check the domain, then export again.`);
    case 'seen':
      return changeTo(record, value, present.sets);
  }
}

function changeTo(
  record: CheckedRecord,
  value: string,
  sets: readonly PresentSet[],
): Change | undefined {
  const { name, type } = record;
  const cname = sets.find((set) => set.type === 'CNAME');
  const same = sets.find((set) => set.type === type);
  if (type !== 'CNAME' && cname !== undefined) {
    return byHand(
      `${name} is a CNAME record to ${cname.values.join()}, which allows nothing beside it.`,
    );
  }
  if (same?.values.length === 1 && same.values[0] === value) return undefined;
  if (type === 'TXT') return same === undefined ? create : addTo(same, record, value);
  const txt = type === 'CNAME' ? sets.find((set) => set.type === 'TXT') : undefined;
  if (type === 'MX' && same !== undefined && same.values.length > 1) {
    return byHand(`${name} has several MX records. ${record.hint ?? ''}`);
  }
  const present = same ?? txt;
  const other = type === 'CNAME' ? sets.find((set) => set !== present) : undefined;
  if (other !== undefined) {
    return byHand(`${name} has ${other.type} records, which a CNAME record allows none of.`);
  }
  if (present === undefined) return create;
  return replaceable(present, present.values, record) ?? { action: 'replace', present };
}

const create: Change = { action: 'create' };
const byHand = (why: string): Change => ({ action: 'by-hand', why: why.trim() });

/** Codes of records that serve another provider, or may. */
const ofOthers: ReadonlySet<unknown> = new Set([
  'other-provider',
  'mx-other-host',
  'mx-several',
  'delegation-elsewhere',
  'delegation-mixed',
]);

function addTo(present: PresentSet, record: CheckedRecord, value: string): Change | undefined {
  const replaced = present.values.flatMap((text, index) =>
    text !== value && givesWay(record, text) ? [index] : [],
  );
  const isThere = present.values.includes(value);
  if (isThere && replaced.length === 0) return undefined;
  const texts = replaced.map((index) => present.values[index] as string);
  return replaceable(present, texts, record) ?? { action: 'add', present, replaced };
}

/**
 * Returns true if a text cannot stay beside the record: an SPF record, or what the check took for
 * one; the key or policy that a self-hosted domain had.
 */
function givesWay(record: CheckedRecord, text: string): boolean {
  const { replaces, whyOwn } = kindOf(record);
  if (whyOwn !== undefined) return true;
  return replaces !== undefined && (replaces(text) || record.observed.includes(text));
}

/**
 * @returns the change by hand where the texts to go are somebody else's, or others than those that
 *   the check judged
 */
function replaceable(
  { type }: PresentSet,
  texts: readonly string[],
  { name, code, observed, hint }: CheckedRecord,
): Change | undefined {
  if (texts.length > 0 && ofOthers.has(code)) {
    return byHand(`${name} has a ${type} record of somebody else. ${hint ?? ''}`);
  }
  return texts.every((text) => observed.includes(text))
    ? undefined
    : byHand(
        `The ${type} record at ${name} is not what the last check saw. Check the domain, then export again.`,
      );
}
