import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CanaryArrivals } from '#shared/app/ports/canary-arrivals.ts';
import { DAY_MS } from '#shared/core/time.ts';

/** Beside the labels of the table, none of which is so short. */
const LABEL = 'canary';

/** Arrivals of canaries, in the table of reports: they come by the same inbound. */
export function dynamoCanaryArrivals(
  client: DynamoDBDocumentClient,
  table: string,
): CanaryArrivals {
  return {
    async note({ id, at, verified }) {
      const expiresAt = Math.floor((Date.parse(at) + DAY_MS) / 1_000);
      const item = { label: LABEL, sk: id, at, verified, expiresAt };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },
    async get(id) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { label: LABEL, sk: id }, ConsistentRead: true }),
      );
      if (item === undefined) return undefined;
      return { id, at: String(item['at']), verified: item['verified'] === true };
    },
  };
}
