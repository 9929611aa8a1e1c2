import type { Lookup, RecordType } from '../model/lookup.ts';

/** The record set of one type at a name, as the domain's own servers have it. */
export interface PresentSet {
  readonly type: RecordType;
  /** TXT: the strings of a record joined. MX: `10 host`. Names: lower case, no trailing dot. */
  readonly values: readonly string[];
  /** Seconds; undefined where the servers do not have the same, such as behind a cache. */
  readonly ttl: number | undefined;
  /** The strings of each TXT value, where not every one but the last has 255 octets. */
  readonly strings?: readonly (readonly string[])[];
}

/**
 * The record sets at a name.
 *
 * - `seen`: every server that answered has these.
 * - `unseen`: no server answered.
 * - `unclear`: servers differ, or an answer has more than is read here.
 */
export type PresentSets =
  | { readonly kind: 'seen'; readonly sets: readonly PresentSet[] }
  | { readonly kind: 'unseen' }
  | { readonly kind: 'unclear' };

/** The answers of a domain's own servers for one name, by the type asked for. */
export type AnswersByType = ReadonlyMap<RecordType, readonly Lookup[]>;

/** A query returns at most this many values, so that there may be more. */
const MOST_VALUES = 100;
/** Decoding puts it in the place of octets that are no UTF-8, whose own value is lost. */
const REPLACEMENT = '\uFFFD';

/** Reads the record sets at a name from the answers for it. */
export function presentSetsOf(answers: AnswersByType): PresentSets {
  const found = [...answers].map(([type, lookups]) => setOf(type, lookups));
  if (found.includes('unclear')) return { kind: 'unclear' };
  if (found.length === 0 || found.includes('unseen')) return { kind: 'unseen' };
  const sets = new Map<RecordType, PresentSet>();
  for (const set of found) {
    if (typeof set === 'object') sets.set(set.type, set);
  }
  return { kind: 'seen', sets: [...sets.values()] };
}

function setOf(
  type: RecordType,
  lookups: readonly Lookup[],
): PresentSet | 'none' | 'unseen' | 'unclear' {
  const [first] = lookups;
  if (first === undefined) return 'unseen';
  const contents = new Set(lookups.map(contentOf));
  if (contents.size > 1) return 'unclear';
  const [target] = first.cnames;
  const values = target === undefined ? first.values : [target];
  if (values.length === 0) return 'none';
  const { strings } = first;
  const ttls = new Set(lookups.map(({ ttl }) => ttl));
  const ttl = ttls.size === 1 ? first.ttl : undefined;
  const isWhole = values.length < MOST_VALUES && !values.some((text) => text.includes(REPLACEMENT));
  if (!isWhole) return 'unclear';
  return {
    type: target === undefined ? type : 'CNAME',
    values,
    ttl,
    ...(strings === undefined ? {} : { strings }),
  };
}

const contentOf = ({ values, cnames, strings = [] }: Lookup): string =>
  JSON.stringify([
    cnames,
    values.toSorted(),
    strings.map((parts) => JSON.stringify(parts)).toSorted(),
  ]);
