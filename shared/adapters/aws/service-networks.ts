import { PutCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ServiceNetworksStore } from '#shared/app/ports/service-networks.ts';
import type { ServiceNetworks } from '#shared/core/reports/services/networks.ts';
import { isConditionFailed } from './dynamo.ts';
import { listOf, object, text, wholeReader } from './item.ts';
import { readable } from './readable.ts';

/** Takes the place of a label, whose 26 characters it does not have. */
const PARTITION = 'services';

const networks = object<ServiceNetworks>({
  include: text(),
  networks: listOf(text()),
  seenAt: text(),
});

/** Networks of mail services in the table `flattenings`: `services` / `<include>`. */
export function dynamoServiceNetworks(
  client: DynamoDBDocumentClient,
  table: string,
): ServiceNetworksStore {
  const read = wholeReader(table, networks, ['include']);
  return {
    async all() {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'label = :services',
          ExpressionAttributeValues: { ':services': PARTITION },
        }),
      );
      return readable(items, ({ label: _label, ...item }) => read(item));
    },

    async put(seen) {
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...seen, label: PARTITION },
            ConditionExpression: 'attribute_not_exists(seenAt) OR seenAt < :seenAt',
            ExpressionAttributeValues: { ':seenAt': seen.seenAt },
          }),
        );
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
    },
  };
}
