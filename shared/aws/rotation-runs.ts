import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RotationRun, RotationRuns } from '../ports/rotation-runs.ts';
import { conditionally, isConditionFailed } from './dynamo.ts';

const keyOf = (period: string) => ({ pk: `run#${period}`, sk: 'run' });

/** Runs of the monthly rotation: an item `run#<period>` / `run` each, in the table `rotations`. */
export function dynamoRotationRuns(client: DynamoDBDocumentClient, table: string): RotationRuns {
  async function read(period: string): Promise<RotationRun> {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: keyOf(period), ConsistentRead: true }),
    );
    if (Item === undefined) throw new Error(`the rotation run of ${period} is gone`);
    const { pk: _pk, sk: _sk, ...run } = Item;
    return run as RotationRun;
  }

  return {
    async start(period, at) {
      const run: RotationRun = { period, revision: 1, startedAt: at, due: 0, notDue: 0 };
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(period), ...run },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return run;
      } catch (error) {
        // The Scheduler fires at least once: the run that is there goes on.
        if (isConditionFailed(error)) return read(period);
        throw error;
      }
    },

    async save(run) {
      await conditionally(`the rotation run of ${run.period}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(run.period), ...run },
            ConditionExpression: '#revision = :before',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':before': run.revision - 1 },
          }),
        ),
      );
    },
  };
}
