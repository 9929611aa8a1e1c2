import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  REMOVED_KEPT_HOURS,
  type Invitation,
  type Invitations,
  type RemovedUsers,
} from '#shared/app/ports/user-store.ts';
import { expiresAfter } from './dynamo.ts';
import { keyedReader, object, text } from './item.ts';
import { readable } from './readable.ts';

const at = {
  invitation: (tenant: TenantId, email: string) => ({
    pk: `tenant#${tenant}`,
    sk: `invitation#${email}`,
  }),
  removed: (id: string) => ({ pk: `user#${id}`, sk: 'removed' }),
};

const invitation = object<Invitation>({ tenant: text(), email: text(), invitedAt: text() });

/** Invitations in the table `users`: `tenant#<tenant>` / `invitation#<address>`. */
export function dynamoInvitations(client: DynamoDBDocumentClient, table: string): Invitations {
  const invitationOf = keyedReader(table, invitation);

  return {
    async put(made) {
      const { tenant, email } = made;
      const item = { ...at.invitation(tenant, email), ...made };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },

    // A tenant has at most 100, far below the megabyte of a page.
    async of(tenant) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :invitations)',
          ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':invitations': 'invitation#' },
          ConsistentRead: true,
        }),
      );
      return readable(items, invitationOf);
    },

    async remove(tenant, email) {
      await client.send(new DeleteCommand({ TableName: table, Key: at.invitation(tenant, email) }));
    },
  };
}

/** Removed users in the table `users`: `user#<id>` / `removed`, which expires. */
export function dynamoRemovedUsers(client: DynamoDBDocumentClient, table: string): RemovedUsers {
  return {
    async add(id, removedAt) {
      const expiresAt = expiresAfter(removedAt, REMOVED_KEPT_HOURS / 24);
      const item = { ...at.removed(id), removedAt, expiresAt };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },

    async has(id) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: at.removed(id), ConsistentRead: true }),
      );
      return item !== undefined;
    },
  };
}
