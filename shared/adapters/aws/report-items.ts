import { gunzipSync, gzipSync } from 'node:zlib';
import { StoredItemError } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import type {
  Day,
  DayRefusals,
  DayAggregates,
  FlaggedKey,
  Refused,
} from '#shared/core/reports/day.ts';
import type { AuthResult, Group, SeenEnvelope, SeenSignature } from '#shared/core/reports/group.ts';
import { MAX_GROUPS, Aggregates } from '#shared/core/reports/aggregates.ts';
import {
  bytes,
  flag,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  parse,
  text,
  wholeReader,
  type Check,
  type Fields,
  type Item as StoredItem,
} from './item.ts';

/**
 * An item of the reports table: `<label>` and
 * - `<day>#verified#<reporter>`, `<day>#unverified`: aggregates;
 * - `<day>#coarse#<reporter>`: the day's share of verified reports of several days;
 * - `<day>#refused`: mail that gave none;
 * - `<day>#key-failing`: a newly promoted key that receivers could not verify.
 */
export interface Item {
  readonly label: Label;
  readonly sk: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface AggregatesItem extends Item {
  readonly reporter?: string;
  /** `reportKey` of each report in the aggregates; `earlierReportKey` where version 0.2 wrote it. */
  readonly keys: readonly string[];
  /** Absent where version 0.2 wrote the item, and where all rows could be read. */
  readonly unreadableRows?: number;
  readonly organizations: readonly string[];
  /** JSON of the groups, gzip: a tenth of its size. */
  readonly groups: Uint8Array;
}

type FlagItem = Item & Omit<FlaggedKey, 'day'>;

export interface RefusalsItem extends Item {
  readonly counts: Readonly<Record<string, number>>;
  readonly last: readonly Refused[];
}

const itemFields: Fields<Item> = { label: text(), sk: text(), revision: number, expiresAt: number };

const revised = object<Pick<Item, 'revision'>>({ revision: number });

const aggregatesItem = object<AggregatesItem>({
  ...itemFields,
  reporter: optional(text()),
  keys: listOf(text()),
  unreadableRows: optional(number),
  organizations: listOf(text()),
  groups: bytes,
});

const flagItem = object<FlagItem>({
  ...itemFields,
  at: text(),
  selector: text(),
  failed: number,
  passed: number,
  reporters: listOf(text()),
});

const refusalsItem = object<RefusalsItem>({
  ...itemFields,
  counts: mapOf(number),
  last: listOf(
    object<Refused>({
      at: text(),
      reason: text(),
      detail: text(),
      reporter: optional(text()),
      key: text(),
    }),
  ),
});

const result: Check<AuthResult> = oneOf(
  'none',
  'pass',
  'fail',
  'softfail',
  'policy',
  'neutral',
  'temperror',
  'permerror',
);

const groupList = listOf(
  object<Group>({
    source: text(),
    scope: oneOf('domain', 'subdomain', 'foreign'),
    disposition: oneOf('none', 'quarantine', 'reject'),
    dkim: flag,
    spf: flag,
    signature: optional(object<SeenSignature>({ domain: text(), selector: text(), result })),
    envelope: optional(object<SeenEnvelope>({ domain: text(), result })),
    policyDomain: optional(text()),
    messages: number,
  }),
);

/** Of the 400 KB that an item may have; the keys of its reports and its names come on top. */
const MAX_GROUPS_BYTES = 300_000;

/** Groups of long names are folded together until they fit. */
export function pack(groups: readonly Group[]): Uint8Array {
  for (let limit = MAX_GROUPS; ; limit = limit >> 1) {
    const packed = gzipSync(JSON.stringify(new Aggregates(groups, limit).groups()));
    if (packed.length <= MAX_GROUPS_BYTES || limit === 0) return packed;
  }
}

/** The second part of the sort key of a share of reports of several days. */
export const COARSE = 'coarse';

/** The second part of a sort key. */
export const kindOf = (sk: string): string | undefined => sk.split('#')[1];

/** The day that a sort key begins with. */
const dayOf = (sk: string): Day => sk.slice(0, 10);

/** Reads the items of one reports table. */
export function reportReaders(table: string) {
  const keyNames = ['label', 'sk'];
  const aggregatesOf = wholeReader(table, aggregatesItem, keyNames);
  const flagOf = wholeReader(table, flagItem, keyNames);
  const refusalsOf = wholeReader(table, refusalsItem, keyNames);
  const revisionOf = wholeReader(table, revised, keyNames);

  const unpack = ({ label, sk, groups }: AggregatesItem): readonly Group[] => {
    const place = { table, key: { label, sk } };
    let unpacked: unknown;
    try {
      unpacked = JSON.parse(gunzipSync(groups).toString('utf8'));
    } catch {
      throw new StoredItemError(place.table, place.key, 'groups');
    }
    return parse(groupList, unpacked, place);
  };

  const dayAggregates = (item: StoredItem): DayAggregates => {
    const found = aggregatesOf(item);
    const { sk, reporter, keys, organizations, unreadableRows = 0 } = found;
    return {
      day: dayOf(sk),
      reporter,
      reports: keys.length,
      coarseReports: kindOf(sk) === COARSE ? keys : [],
      unreadableRows,
      organizations,
      groups: unpack(found),
    };
  };

  const dayRefusals = (item: StoredItem): DayRefusals => {
    const { sk, counts, last } = refusalsOf(item);
    return { day: dayOf(sk), counts, last };
  };

  const flaggedKey = (item: StoredItem): FlaggedKey => {
    const { sk, at, selector, failed, passed, reporters } = flagOf(item);
    return { day: dayOf(sk), at, selector, failed, passed, reporters };
  };

  return {
    aggregates: aggregatesOf,
    refusals: refusalsOf,
    revision: (item: StoredItem) => revisionOf(item).revision,
    unpack,
    dayAggregates,
    dayRefusals,
    flaggedKey,
  };
}
