import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Label } from '#shared/core/model/names.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import type {
  PendingChange,
  Publication,
  PublicationStore,
} from '#shared/app/ports/publication-store.ts';
import { batchGet, conditionally } from './dynamo.ts';
import { listOf, mapOf, number, object, oneOf, optional, text, wholeReader } from './item.ts';
import { readable } from './readable.ts';

const publication = object<Publication>({
  shard: text(),
  label: text(),
  revision: number,
  claimVersion: number,
  records: listOf(
    object<HostedRecord>({
      name: text(),
      type: oneOf('TXT'),
      ttl: number,
      values: listOf(text()),
    }),
  ),
  insyncSince: mapOf(text()),
  pending: mapOf(object<PendingChange>({ changeId: text(), submittedAt: text() })),
  uncertainSince: optional(text()),
  parked: optional(
    object<NonNullable<Publication['parked']>>({
      reason: text(),
      since: text(),
      claimVersion: number,
    }),
  ),
});

/**
 * The table `publications`: an item is a `Publication` as it is, under its shard and label.
 *
 * @param table the table's name
 */
export function dynamoPublicationStore(
  client: DynamoDBDocumentClient,
  table: string,
): PublicationStore {
  const publicationOf = wholeReader(table, publication, ['shard', 'label']);

  return {
    async get(shard, labels) {
      const keys = labels.map((label) => ({ shard, label }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map(items.map(publicationOf).map((found) => [found.label, found]));
    },

    async put(next) {
      await conditionally(`the publication of ${next.label}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: next,
            ...(next.revision === 1
              ? {
                  ConditionExpression: 'attribute_not_exists(#revision)',
                  ExpressionAttributeNames: { '#revision': 'revision' },
                }
              : {
                  ConditionExpression: '#revision = :before',
                  ExpressionAttributeNames: { '#revision': 'revision' },
                  ExpressionAttributeValues: { ':before': next.revision - 1 },
                }),
          }),
        ),
      );
    },

    async list(shard, cursor) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: '#shard = :shard',
          ExpressionAttributeNames: { '#shard': 'shard' },
          ExpressionAttributeValues: { ':shard': shard },
          ...(cursor === undefined ? {} : { ExclusiveStartKey: { shard, label: cursor } }),
        }),
      );
      return {
        publications: readable(page.Items ?? [], publicationOf),
        cursor: page.LastEvaluatedKey?.['label'] as string | undefined,
      };
    },

    async labels(shard, after) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#shard = :shard',
          ProjectionExpression: '#label',
          ExpressionAttributeNames: { '#shard': 'shard', '#label': 'label' },
          ExpressionAttributeValues: { ':shard': shard },
          ...(after === undefined ? {} : { ExclusiveStartKey: { shard, label: after } }),
        }),
      );
      return {
        labels: (page.Items ?? []).map((item) => item['label'] as Label),
        cursor: page.LastEvaluatedKey?.['label'] as Label | undefined,
      };
    },
  };
}
