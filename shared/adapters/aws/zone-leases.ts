import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ZoneLeases } from '#shared/app/ports/zone-leases.ts';
import { isConditionFailed } from './dynamo.ts';

/**
 * The table `leases`: an item for each zone, with `heldBy`, `heldUntil`, and `requestedUntil` while
 * an urgent publisher waits for it. All times are epoch milliseconds.
 *
 * @param table the table's name
 */
export function dynamoZoneLeases(client: DynamoDBDocumentClient, table: string): ZoneLeases {
  /** @returns false where the condition did not hold */
  const update = async (
    name: string,
    change: {
      readonly expression: string;
      readonly condition?: string;
      readonly values?: Readonly<Record<string, string | number>>;
    },
  ): Promise<boolean> => {
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { name },
          UpdateExpression: change.expression,
          ConditionExpression: change.condition,
          ExpressionAttributeValues: change.values,
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  };

  return {
    take(shard, { by, now, until, urgent }) {
      const isFree = 'attribute_not_exists(heldUntil) OR heldUntil <= :now OR heldBy = :by';
      const isUnrequested = 'attribute_not_exists(requestedUntil) OR requestedUntil <= :now';
      return update(shard, {
        expression: `SET heldBy = :by, heldUntil = :until${urgent ? ' REMOVE requestedUntil' : ''}`,
        condition: urgent ? isFree : `(${isFree}) AND (${isUnrequested})`,
        values: { ':by': by, ':now': now, ':until': until },
      });
    },

    async request(shard, until) {
      await update(shard, {
        expression: 'SET requestedUntil = :until',
        values: { ':until': until },
      });
    },

    async release(shard, by) {
      await update(shard, {
        expression: 'REMOVE heldBy, heldUntil',
        condition: 'heldBy = :by',
        values: { ':by': by },
      });
    },
  };
}
