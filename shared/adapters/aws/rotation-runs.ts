import {
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { WAVES, type Tally, type TallyKey } from '#shared/core/model/rotation.ts';
import {
  newRun,
  type BatchName,
  type RotationProgress,
  type RotationRun,
  type RotationRuns,
  type RunCursor,
} from '#shared/app/ports/rotation-runs.ts';
import { conditionally, expiresAfter, isConditionFailed, transact } from './dynamo.ts';
import {
  keyedReader,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  text,
  type Item,
} from './item.ts';

const RUNS = 'runs';
const runKey = (period: string) => ({ pk: RUNS, sk: period });
const progressKey = (period: string) => ({ pk: `run#${period}`, sk: 'progress' });
const batchKey = ({ period, wave, batch }: BatchName) => ({
  pk: `run#${period}`,
  sk: `batch#${wave}#${batch}`,
});

/** The item outlives redelivery of its batch, and stays for people to read. */
const BATCH_DAYS = 60;

const rotationRun = object<RotationRun>({
  period: text(),
  revision: number,
  startedAt: text(),
  wave: number,
  stage: oneOf('queueing', 'settling', 'watching'),
  stageSince: text(),
  cursor: optional(object<RunCursor>({ shard: number, after: optional(text()) })),
  batches: number,
  planned: number,
  halted: optional(object<NonNullable<RotationRun['halted']>>({ at: text(), reason: text() })),
  pardoned: optional(listOf(number)),
  finishedAt: optional(text()),
});

/**
 * Stores runs in the table `rotations`: the run under `runs` / `<period>`, its counters under
 * `run#<period>` / `progress`, beside them each counted batch's mark.
 */
export function dynamoRotationRuns(client: DynamoDBDocumentClient, table: string): RotationRuns {
  const runOf = keyedReader(table, rotationRun);
  const countersOf = keyedReader(table, mapOf(number));

  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  /** An update that adds to counters, each an attribute of its own. */
  const addition = (period: string, counts: Readonly<Record<string, number>>) => {
    const entries = Object.entries(counts);
    return {
      TableName: table,
      Key: progressKey(period),
      UpdateExpression: `ADD ${entries.map((_, index) => `#n${index} :v${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(
        entries.map(([name], index) => [`#n${index}`, name]),
      ),
      ExpressionAttributeValues: Object.fromEntries(
        entries.map(([, value], index) => [`:v${index}`, value]),
      ),
    };
  };

  const add = async (period: string, counts: Readonly<Record<string, number>>): Promise<void> => {
    await conditionally(`the progress of ${period}`, () =>
      client.send(new UpdateCommand(addition(period, counts))),
    );
  };

  return {
    async start(period, at) {
      const run = newRun(period, at);
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...runKey(period), ...run },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return run;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // The Scheduler fires at least once: the run that is there goes on.
        const item = await read(runKey(period));
        if (item === undefined)
          throw new Error(`the rotation run of ${period} is gone`, { cause: error });
        return runOf(item);
      }
    },

    async latest() {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': 'pk' },
          ExpressionAttributeValues: { ':pk': RUNS },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      const [item] = page.Items ?? [];
      return item && runOf(item);
    },

    async save(run) {
      await conditionally(`the rotation run of ${run.period}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...runKey(run.period), ...run },
            ConditionExpression: '#revision = :before',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':before': run.revision - 1 },
          }),
        ),
      );
    },

    async progress(period) {
      const item = await read(progressKey(period));
      return progressOf(item === undefined ? {} : countersOf(item));
    },

    async count(batch, tally) {
      const expiresAt = expiresAfter(Date.now(), BATCH_DAYS);
      const mark = {
        Put: {
          TableName: table,
          Item: { ...batchKey(batch), ...tally, expiresAt },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      };
      const counts = { ...prefixed('tally', tally), [`batches ${batch.wave}`]: 1 };
      try {
        await transact(client, `batch ${batch.batch} of ${batch.period}`, [
          mark,
          { Update: addition(batch.period, counts) },
        ]);
      } catch (error) {
        // Counted before: its message came twice.
        if ((await read(batchKey(batch))) === undefined) throw error;
      }
    },

    async countLater(period, tally) {
      if (Object.keys(tally).length > 0) await add(period, prefixed('later', tally));
    },

    async countSample({ period, wave, verified }) {
      await add(period, { [`${verified ? 'verified' : 'unverified'} ${wave}`]: 1 });
    },
  };
}

const prefixed = (prefix: 'tally' | 'later', tally: Tally): Record<string, number> =>
  Object.fromEntries(Object.entries(tally).map(([key, count]) => [`${prefix} ${key}`, count]));

function progressOf(counters: Readonly<Record<string, number>>): RotationProgress {
  const numberAt = (name: string): number => counters[name] ?? 0;
  const tallyAt = (prefix: string): Tally =>
    Object.fromEntries(
      Object.entries(counters).flatMap(([name, value]) =>
        name.startsWith(`${prefix} `) ? [[name.slice(prefix.length + 1) as TallyKey, value]] : [],
      ),
    );
  return {
    tally: tallyAt('tally'),
    later: tallyAt('later'),
    waves: WAVES.map((_, wave) => ({
      batches: numberAt(`batches ${wave}`),
      verified: numberAt(`verified ${wave}`),
      unverified: numberAt(`unverified ${wave}`),
    })),
  };
}
