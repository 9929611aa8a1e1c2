import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { Label } from '#shared/core/model/names.ts';
import {
  MAX_REPORTS_PER_REPORTER,
  MAX_UNVERIFIED_REPORTS,
  AGGREGATE_DAYS,
  type Counted,
  type CountedReport,
  type ReportStore,
} from '#shared/app/ports/report-store.ts';
import { MAX_ORGANIZATIONS, MAX_REFUSALS } from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';
import { conditionally, expiresAfter, queryAll } from './dynamo.ts';
import type { Item as StoredItem } from './item.ts';
import { readable } from './readable.ts';
import {
  COARSE,
  kindOf,
  pack,
  reportReaders,
  type Item,
  type RefusalsItem,
  type AggregatesItem,
} from './report-items.ts';

const REFUSED = 'refused';
const KEY_FAILING = 'key-failing';

const sortKey = ({
  day,
  reporter,
  coarse,
}: Pick<CountedReport, 'day' | 'reporter' | 'coarse'>): string =>
  reporter === undefined
    ? `${day}#unverified`
    : `${day}#${coarse ? COARSE : 'verified'}#${reporter}`;

/** Sums of reports on DynamoDB. */
export function dynamoReportStore(client: DynamoDBDocumentClient, table: string): ReportStore {
  const read = reportReaders(table);

  async function get(label: Label, sk: string): Promise<StoredItem | undefined> {
    const { Item: present } = await client.send(
      new GetCommand({ TableName: table, Key: { label, sk }, ConsistentRead: true }),
    );
    return present;
  }

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
      const present = await get(label, sk);
      const { attributes, result } = next(present);
      if (attributes === undefined) return result;
      const revision = present === undefined ? 0 : read.revision(present);
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
    add: async (report) => {
      const { label, earlierKey } = report;
      // An earlier version counted reports of several days among those of the day.
      const daily = sortKey({ ...report, coarse: false });
      if (report.coarse && earlierKey !== undefined) {
        const present = await get(label, daily);
        if (present && read.aggregates(present).keys.includes(earlierKey)) return 'counted-earlier';
      }
      return change<Counted>(label, sortKey(report), (present) => {
        const before = present && read.aggregates(present);
        const keys = before?.keys ?? [];
        if (keys.includes(report.key)) return { result: 'repeated' };
        if (earlierKey !== undefined && keys.includes(earlierKey))
          return { result: 'counted-earlier' };
        const most =
          report.reporter === undefined ? MAX_UNVERIFIED_REPORTS : MAX_REPORTS_PER_REPORTER;
        if (keys.length >= most) return { result: 'full' };
        const groups = before === undefined ? [] : read.unpack(before);
        return { attributes: withReport(before, groups, report), result: 'added' };
      });
    },

    refuse: (label, day, refused) =>
      change<void>(label, `${day}#${REFUSED}`, (present) => {
        const { counts, last } = present === undefined ? noRefusals : read.refusals(present);
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
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: '#label = :label AND sk BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#label': 'label' },
        // `#` follows the day, and `~` sorts after every item of it.
        ExpressionAttributeValues: { ':label': label, ':from': from, ':to': `${to}~` },
      });
      const { refused, failing, aggregates } = Object.groupBy(items, (item) =>
        kindOf(String(item.sk)) === REFUSED
          ? 'refused'
          : kindOf(String(item.sk)) === KEY_FAILING
            ? 'failing'
            : 'aggregates',
      );
      return {
        aggregates: readable(aggregates ?? [], read.dayAggregates),
        refusals: readable(refused ?? [], read.dayRefusals),
        flaggedKeys: readable(failing ?? [], read.flaggedKey),
      };
    },
  };
}

const expiryOf = (sk: string): number => expiresAfter(sk.slice(0, 10), AGGREGATE_DAYS);
const noRefusals: Pick<RefusalsItem, 'counts' | 'last'> = { counts: {}, last: [] };

function withReport(
  before: AggregatesItem | undefined,
  groups: readonly Group[],
  report: CountedReport,
): StoredItem {
  const organizations = [...new Set([...(before?.organizations ?? []), report.organization])];
  const unreadableRows = (before?.unreadableRows ?? 0) + report.unreadableRows;
  return {
    ...(report.reporter === undefined ? {} : { reporter: report.reporter }),
    ...(unreadableRows === 0 ? {} : { unreadableRows }),
    keys: [...(before?.keys ?? []), report.key],
    organizations: organizations.slice(0, MAX_ORGANIZATIONS),
    groups: pack([...groups, ...report.groups]),
  };
}
