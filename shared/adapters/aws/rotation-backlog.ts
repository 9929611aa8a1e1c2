import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Label } from '#shared/core/model/names.ts';
import type { BacklogItem, RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import { batchGet } from './dynamo.ts';
import { keyedReader, object, oneOf, optional, text } from './item.ts';
import { readable } from './readable.ts';

const BACKLOG = 'backlog';
const PAGE = 1_000;
const keyOf = (label: Label) => ({ pk: BACKLOG, sk: label });

const backlogItem = object<BacklogItem>({
  tenant: text(),
  domain: text(),
  label: text(),
  shard: text(),
  kind: oneOf('not-due', 'held-back', 'awaits-customer', 'failed', 'paused', 'refill'),
  // For people to read; decides nothing.
  reason: text(),
  detail: text(),
  period: optional(text()),
  since: text(),
  retryAt: optional(text()),
});

/**
 * The backlog in the table `rotations`: an item `backlog` / `<label>` each. One partition takes 1,000
 * writes a second, far more than keys can be made.
 */
export function dynamoRotationBacklog(
  client: DynamoDBDocumentClient,
  table: string,
): RotationBacklog {
  const itemOf = keyedReader(table, backlogItem);

  return {
    async get(labels) {
      const items = await batchGet(client, table, labels.map(keyOf), { consistent: true });
      // One that is malformed counts for none: what is noted next takes its place.
      return new Map(readable(items, itemOf).map((item) => [item.label, item]));
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
        items: readable(page.Items ?? [], itemOf),
        cursor: page.LastEvaluatedKey?.['sk'] as Label | undefined,
      };
    },
  };
}
