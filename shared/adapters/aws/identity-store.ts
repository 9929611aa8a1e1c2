import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Identity, IdentityStore } from '#shared/app/ports/identities.ts';
import { batchGet } from './dynamo.ts';
import { object, oneOf, text, wholeReader } from './item.ts';

const identity = object<Identity>({
  domain: text(),
  status: oneOf('preparing', 'ready', 'failed'),
  token: text(),
  mailFrom: text(),
  requestedAt: text(),
  polledAt: text(),
});

/** The table `identities`: an item a domain, which is the `Identity`. */
export function dynamoIdentityStore(client: DynamoDBDocumentClient, table: string): IdentityStore {
  const identityOf = wholeReader(table, identity, ['domain']);

  return {
    async get(domain) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { domain }, ConsistentRead: true }),
      );
      return item && identityOf(item);
    },

    async getMany(domains) {
      const keys = domains.map((domain) => ({ domain }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map(items.map(identityOf).map((found) => [found.domain, found]));
    },

    async put(next) {
      await client.send(new PutCommand({ TableName: table, Item: { ...next } }));
    },

    async delete(domain) {
      await client.send(new DeleteCommand({ TableName: table, Key: { domain } }));
    },
  };
}
