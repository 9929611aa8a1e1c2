import { gunzipSync, gzipSync } from 'node:zlib';
import {
  GetCommand,
  PutCommand,
  paginateQuery,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { Label } from '#shared/core/model/names.ts';
import {
  MAX_REPORTS_PER_REPORTER,
  MAX_UNVERIFIED_REPORTS,
  SUMS_DAYS,
  type Counted,
  type CountedReport,
  type ReportStore,
} from '#shared/app/ports/report-store.ts';
import {
  MAX_ORGANIZATIONS,
  MAX_REFUSALS,
  type Day,
  type DayRefusals,
  type DaySums,
  type FlaggedKey,
  type Refused,
} from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';
import { MAX_GROUPS, Sums } from '#shared/core/reports/sums.ts';
import { conditionally, expiresAfter } from './dynamo.ts';

/**
 * An item of the reports table: `<label>` and
 * - `<day>#verified#<reporter>`, `<day>#unverified`: sums;
 * - `<day>#refused`: mail that gave none;
 * - `<day>#key-failing`: a newly promoted key that receivers could not verify.
 */
interface Item {
  readonly label: Label;
  readonly sk: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

interface SumsItem extends Item {
  readonly reporter?: string;
  /** `reportKey` of each report in the sums. */
  readonly keys: readonly string[];
  readonly organizations: readonly string[];
  /** JSON of the groups, gzip: a tenth of its size. */
  readonly groups: Uint8Array;
}

type FlagItem = Item & Omit<FlaggedKey, 'day'>;

interface RefusalsItem extends Item {
  readonly counts: Readonly<Record<string, number>>;
  readonly last: readonly Refused[];
}

const sortKey = (day: Day, reporter: string | undefined): string =>
  reporter === undefined ? `${day}#unverified` : `${day}#verified#${reporter}`;
const REFUSED = 'refused';
const KEY_FAILING = 'key-failing';

/** Of the 400 KB that an item may have; the keys of its reports and its names come on top. */
const MAX_GROUPS_BYTES = 300_000;

/** Sums of reports on DynamoDB. */
export function dynamoReportStore(client: DynamoDBDocumentClient, table: string): ReportStore {
  /** Reads an item and writes what becomes of it, again while others write it. */
  async function change<Result>(
    label: Label,
    sk: string,
    next: (present: Record<string, unknown> | undefined) => {
      readonly attributes?: Record<string, unknown>;
      readonly result: Result;
    },
  ): Promise<Result> {
    return retry(retryLimits.contended, async () => {
      const { Item: present } = await client.send(
        new GetCommand({ TableName: table, Key: { label, sk }, ConsistentRead: true }),
      );
      const { attributes, result } = next(present);
      if (attributes === undefined) return result;
      const revision = (present?.['revision'] as number | undefined) ?? 0;
      await put(
        { ...attributes, label, sk, revision: revision + 1, expiresAt: expiryOf(sk) },
        revision,
      );
      return result;
    });
  }

  const put = (item: Item, revision: number): Promise<unknown> =>
    conditionally(`the reports of ${item.label} of ${item.sk}`, () =>
      client.send(
        new PutCommand({
          TableName: table,
          Item: item,
          ...(revision === 0
            ? { ConditionExpression: 'attribute_not_exists(sk)' }
            : {
                ConditionExpression: '#revision = :revision',
                ExpressionAttributeNames: { '#revision': 'revision' },
                ExpressionAttributeValues: { ':revision': revision },
              }),
        }),
      ),
    );

  return {
    add: (report) =>
      change<Counted>(report.label, sortKey(report.day, report.reporter), (present) => {
        const before = present as SumsItem | undefined;
        const keys = before?.keys ?? [];
        if (keys.includes(report.key)) return { result: 'repeated' };
        const most =
          report.reporter === undefined ? MAX_UNVERIFIED_REPORTS : MAX_REPORTS_PER_REPORTER;
        if (keys.length >= most) return { result: 'full' };
        return { attributes: withReport(before, report), result: 'added' };
      }),

    refuse: (label, day, refused) =>
      change<void>(label, `${day}#${REFUSED}`, (present) => {
        const { counts = {}, last = [] } = (present ?? {}) as Partial<RefusalsItem>;
        const attributes = {
          counts: { ...counts, [refused.reason]: (counts[refused.reason] ?? 0) + 1 },
          last: [...last, refused].slice(-MAX_REFUSALS),
        };
        return { attributes, result: undefined };
      }),

    flagKey: (label, { day, ...flagged }) =>
      change<void>(label, `${day}#${KEY_FAILING}`, () => ({
        attributes: { ...flagged },
        result: undefined,
      })),

    async read(label, from, to) {
      const sums: DaySums[] = [];
      const refusals: DayRefusals[] = [];
      const flaggedKeys: FlaggedKey[] = [];
      const query = {
        TableName: table,
        KeyConditionExpression: '#label = :label AND sk BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#label': 'label' },
        // What follows the day begins with #, and ~ comes after all that can.
        ExpressionAttributeValues: { ':label': label, ':from': from, ':to': `${to}~` },
      };
      for await (const { Items: items = [] } of paginateQuery({ client }, query)) {
        for (const item of items) {
          const [day = '', kind] = String(item['sk']).split('#');
          if (kind === REFUSED) refusals.push(refusalsOf(day, item as RefusalsItem));
          else if (kind === KEY_FAILING) flaggedKeys.push(flagOf(day, item as FlagItem));
          else sums.push(sumsOf(day, item as SumsItem));
        }
      }
      return { sums, refusals, flaggedKeys };
    },
  };
}

const expiryOf = (sk: string): number => expiresAfter(sk.slice(0, 10), SUMS_DAYS);

function withReport(before: SumsItem | undefined, report: CountedReport): Record<string, unknown> {
  const groups = [...(before === undefined ? [] : unpack(before.groups)), ...report.groups];
  const organizations = [...new Set([...(before?.organizations ?? []), report.organization])];
  return {
    ...(report.reporter === undefined ? {} : { reporter: report.reporter }),
    keys: [...(before?.keys ?? []), report.key],
    organizations: organizations.slice(0, MAX_ORGANIZATIONS),
    groups: pack(groups),
  };
}

/** Groups of long names are folded together until they fit. */
function pack(groups: readonly Group[]): Uint8Array {
  for (let limit = MAX_GROUPS; ; limit = limit >> 1) {
    const packed = gzipSync(JSON.stringify(new Sums(groups, limit).groups()));
    if (packed.length <= MAX_GROUPS_BYTES || limit === 0) return packed;
  }
}

const unpack = (packed: Uint8Array): Group[] =>
  JSON.parse(gunzipSync(packed).toString('utf8')) as Group[];

const sumsOf = (day: Day, { reporter, keys, organizations, groups }: SumsItem): DaySums => ({
  day,
  reporter,
  reports: keys.length,
  organizations,
  groups: unpack(groups),
});

const refusalsOf = (day: Day, { counts, last }: RefusalsItem): DayRefusals => ({
  day,
  counts,
  last,
});

const flagOf = (day: Day, { at, selector, failed, passed, reporters }: FlagItem): FlaggedKey => ({
  day,
  at,
  selector,
  failed,
  passed,
  reporters,
});
