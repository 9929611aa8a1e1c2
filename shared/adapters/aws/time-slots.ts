import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { TimeSlots } from '#shared/app/ports/time-slots.ts';
import { isConditionFailed } from './dynamo.ts';
import { number, object, optional, parse, type Item } from './item.ts';

/** The item that holds when the next slot is free. */
interface SlotItem {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
  /** The rate, for errors. */
  readonly what: string;
}

/**
 * Time slots in one item, which holds when the next one is free. That advances from its time or,
 * where it has passed, from now; a condition decides which.
 */
export function dynamoTimeSlots(
  client: DynamoDBDocumentClient,
  { table, key, what }: SlotItem,
): TimeSlots {
  const freeAtOf = (attributes: Item) =>
    parse(object<{ readonly freeAt?: number }>({ freeAt: optional(number) }), attributes, {
      table,
      key,
    });

  /** @returns from where it was moved on @throws Throttled where others were at it each time */
  async function moveOn(milliseconds: number, now: number): Promise<number> {
    const update = async (
      expression: string,
      condition: string,
      values: Record<string, number>,
    ) => {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#free': 'freeAt' },
          ExpressionAttributeValues: { ':now': now, ...values },
          ReturnValues: 'UPDATED_OLD',
        }),
      );
      return Attributes && freeAtOf(Attributes).freeAt;
    };
    const take = async (): Promise<number> => {
      try {
        const from = await update('SET #free = #free + :more', '#free > :now', {
          ':more': milliseconds,
        });
        return from ?? now;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
      await update('SET #free = :next', 'attribute_not_exists(#free) OR #free <= :now', {
        ':next': now + milliseconds,
      });
      return now;
    };
    try {
      return await retry({ ...retryLimits.hotItem, on: isConditionFailed }, take);
    } catch (error) {
      throw isConditionFailed(error) ? new Throttled(what) : error;
    }
  }

  return {
    reserve: (count, intervalMs, now) => moveOn(count * intervalMs, now),
    async hold(milliseconds, now) {
      await moveOn(milliseconds, now);
    },
  };
}
