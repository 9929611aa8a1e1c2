import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Identity, IdentityStore } from '#shared/app/ports/identities.ts';
import { batchGet } from './dynamo.ts';

/** The table `identities`: an item a domain, which is the `Identity`. */
export function dynamoIdentityStore(client: DynamoDBDocumentClient, table: string): IdentityStore {
  return {
    async get(domain) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { domain }, ConsistentRead: true }),
      );
      return Item as Identity | undefined;
    },

    async getMany(domains) {
      const keys = domains.map((domain) => ({ domain }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map((items as unknown as Identity[]).map((item) => [item.domain, item]));
    },

    async put(identity) {
      await client.send(new PutCommand({ TableName: table, Item: { ...identity } }));
    },

    async delete(domain) {
      await client.send(new DeleteCommand({ TableName: table, Key: { domain } }));
    },
  };
}
