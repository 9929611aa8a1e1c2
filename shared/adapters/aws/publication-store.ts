import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Label } from '#shared/core/model/names.ts';
import type { Publication, PublicationStore } from '#shared/app/ports/publication-store.ts';
import { batchGet, conditionally } from './dynamo.ts';

/**
 * The table `publications`: an item is a `Publication` as it is, under its shard and label.
 *
 * @param table the table's name
 */
export function dynamoPublicationStore(
  client: DynamoDBDocumentClient,
  table: string,
): PublicationStore {
  return {
    async get(shard, labels) {
      const keys = labels.map((label) => ({ shard, label }));
      const items = await batchGet(client, table, keys, { consistent: true });
      const publications = items as unknown as Publication[];
      return new Map(publications.map((publication) => [publication.label, publication]));
    },

    async put(publication) {
      await conditionally(`the publication of ${publication.label}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: publication,
            ...(publication.revision === 1
              ? {
                  ConditionExpression: 'attribute_not_exists(#revision)',
                  ExpressionAttributeNames: { '#revision': 'revision' },
                }
              : {
                  ConditionExpression: '#revision = :before',
                  ExpressionAttributeNames: { '#revision': 'revision' },
                  ExpressionAttributeValues: { ':before': publication.revision - 1 },
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
        publications: (page.Items ?? []) as Publication[],
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
