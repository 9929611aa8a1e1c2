import { UpdateCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { RateSchedules, StoredSchedule } from '#shared/app/ports/rate-schedules.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import { conditionally, isConditionFailed } from './dynamo.ts';
import { mapOf, number, object, optional, parse, type Item } from './item.ts';

interface RateItem extends StoredSchedule {
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
}

const checks = {
  rate: number,
  freeAt: number,
  virtualTime: number,
  unused: number,
  ends: mapOf(number),
  shares: optional(mapOf(number)),
  rateAskedAt: number,
  version: number,
};
const rateItem = object<RateItem>(checks);
const names = Object.keys(checks) as (keyof RateItem)[];

const scheduleIn = (item: Item, table: string): RateItem =>
  parse(rateItem, item, { table, key: { exit: item['exit'] } });

/** Reads the schedule of an exit, for who leases nothing. */
export const dynamoRateScheduleReader = (
  client: DynamoDBDocumentClient,
  table: string,
  exit: string,
): Pick<RateSchedules, 'read'> => ({
  async read() {
    const { Item: item } = await client.send(new GetCommand({ TableName: table, Key: { exit } }));
    return item && scheduleIn(item, table);
  },
});

/**
 * What was seen is good for so long: later another signer has mostly written, and a write that is
 * refused costs more than a read.
 */
const SEEN_MS = 200;

/**
 * The table `exitRates`: an item for each exit. Busy writers go by what they saw last, and learn from
 * a refused write what another wrote, so that a change mostly is one call.
 *
 * @param table the table's name
 * @param exit the exit's name
 */
export function dynamoRateSchedules(
  client: DynamoDBDocumentClient,
  table: string,
  exit: string,
  clock: Clock,
): Pick<RateSchedules, 'change'> {
  const key = { exit };
  let known: RateItem | undefined;
  let seenAt = -Infinity;

  // As it was a moment ago: a write that goes by it is refused where it changed, and learns how.
  const readAgain = async (): Promise<void> => {
    const { Item: item } = await client.send(new GetCommand({ TableName: table, Key: key }));
    known = item && scheduleIn(item, table);
  };

  const write = async (schedule: StoredSchedule) => {
    const version = known?.version ?? 0;
    const next: RateItem = { ...schedule, version: version + 1 };
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: key,
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression:
            known === undefined ? 'attribute_not_exists(#version)' : '#version = :before',
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(names.map((name) => [`:${name}`, next[name] ?? {}])),
            ...(known === undefined ? {} : { ':before': version }),
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      known = next;
    } catch (error) {
      if (isConditionFailed(error)) {
        known = error.Item && scheduleIn(unmarshall(error.Item), table);
      }
      throw error;
    }
    seenAt = clock.now().getTime();
  };

  return {
    async change(decide) {
      if (clock.now().getTime() - seenAt > SEEN_MS) await readAgain();
      return retry(retryLimits.hotItem, async () => {
        const { next, result } = decide(known);
        if (next !== known) await conditionally(`the schedule of ${exit}`, () => write(next));
        return result;
      });
    },
  };
}
