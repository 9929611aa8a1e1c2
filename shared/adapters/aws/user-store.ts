import {
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  REMOVED_KEPT_HOURS,
  type Invitation,
  type Invitations,
  type RemovedUsers,
} from '#shared/app/ports/user-store.ts';
import { expiresAfter, isConditionFailed, transact } from './dynamo.ts';
import { keyedReader, number, object, optional, text, type Item } from './item.ts';
import { nextRevision, revisionIn } from './limited-add.ts';
import { readable } from './readable.ts';

const at = {
  invitation: (tenant: TenantId, email: string) => ({
    pk: `tenant#${tenant}`,
    sk: `invitation#${email}`,
  }),
  revision: (tenant: TenantId) => ({ pk: `tenant#${tenant}`, sk: 'revision#users' }),
  removed: (id: string) => ({ pk: `user#${id}`, sk: 'removed' }),
};

interface StoredInvitation extends Invitation {
  /** Absent while it is on the list. */
  readonly removedAt?: string;
  readonly expiresAt?: number;
}

const invitation = object<StoredInvitation>({
  tenant: text(),
  email: text(),
  invitedAt: text(),
  removedAt: optional(text()),
  expiresAt: optional(number),
});

/** Longer than any interval between two invitations of one address is likely to be. */
const REMOVED_INVITATION_KEPT_DAYS = 7;

/** Invitations in the table `users`: `tenant#<tenant>` / `invitation#<address>`. */
export function dynamoInvitations(client: DynamoDBDocumentClient, table: string): Invitations {
  const invitationOf = keyedReader(table, invitation);
  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  return {
    async put(made, notAfter, revision) {
      const { tenant, email } = made;
      const key = at.invitation(tenant, email);
      const put = {
        TableName: table,
        Item: { ...key, ...made },
        ConditionExpression: 'attribute_not_exists(pk) OR invitedAt <= :notAfter',
        ExpressionAttributeValues: { ':notAfter': notAfter },
      };
      const earlier = async (): Promise<string> => {
        const item = await read(key);
        return item === undefined ? notAfter : invitationOf(item).invitedAt;
      };
      let isEarlier = false;
      try {
        if (revision === undefined) {
          await client.send(new PutCommand(put));
          return undefined;
        }
        const writes = [{ Put: put }, nextRevision(table, at.revision(tenant), revision)];
        await transact(client, `the users of ${tenant}`, writes, (failed) => {
          isEarlier = failed.includes(0);
        });
        return undefined;
      } catch (error) {
        if (isEarlier || isConditionFailed(error)) return earlier();
        throw error;
      }
    },

    async revision(tenant) {
      return revisionIn(await read(at.revision(tenant)));
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
      return readable(items, invitationOf)
        .filter(({ removedAt }) => removedAt === undefined)
        .map(({ email, invitedAt }) => ({ tenant, email, invitedAt }));
    },

    async remove(tenant, email, removedAt) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: at.invitation(tenant, email),
            UpdateExpression: 'SET removedAt = :removedAt, expiresAt = :expiresAt',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: {
              ':removedAt': removedAt,
              ':expiresAt': expiresAfter(removedAt, REMOVED_INVITATION_KEPT_DAYS),
            },
          }),
        );
      } catch (error) {
        // A user whom the operator made has none.
        if (!isConditionFailed(error)) throw error;
      }
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
