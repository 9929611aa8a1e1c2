import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Label } from '#shared/core/model/names.ts';
import type { BacklogItem, RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import { batchGet } from './dynamo.ts';

const BACKLOG = 'backlog';
const PAGE = 1_000;
const keyOf = (label: Label) => ({ pk: BACKLOG, sk: label });

const itemOf = ({ pk: _pk, sk: _sk, ...item }: Record<string, unknown>): BacklogItem =>
  item as unknown as BacklogItem;

/**
 * The backlog in the table `rotations`: an item `backlog` / `<label>` each. One partition takes 1,000
 * writes a second, far more than keys can be made.
 */
export function dynamoRotationBacklog(
  client: DynamoDBDocumentClient,
  table: string,
): RotationBacklog {
  return {
    async get(labels) {
      const items = await batchGet(client, table, labels.map(keyOf), { consistent: true });
      return new Map(items.map(itemOf).map((item) => [item.label, item]));
    },

    async put(item) {
      await client.send(
        new PutCommand({ TableName: table, Item: { ...keyOf(item.label), ...item } }),
      );
    },

    async remove(label) {
      await client.send(new DeleteCommand({ TableName: table, Key: keyOf(label) }));
    },

    async list(cursor) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': 'pk' },
          ExpressionAttributeValues: { ':pk': BACKLOG },
          Limit: PAGE,
          ...(cursor === undefined ? {} : { ExclusiveStartKey: keyOf(cursor) }),
        }),
      );
      return {
        items: (page.Items ?? []).map(itemOf),
        cursor: page.LastEvaluatedKey?.['sk'] as Label | undefined,
      };
    },
  };
}
