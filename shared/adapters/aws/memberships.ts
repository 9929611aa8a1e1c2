import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { membershipChange } from '#shared/app/audit/access-changes.ts';
import { roles } from '#shared/core/model/roles.ts';
import {
  ENDED_KEPT_HOURS,
  type Membership,
  type Memberships,
} from '#shared/app/ports/memberships.ts';
import type { AuditTrail } from './audit-trail.ts';
import { expiresAfter, queryAll, transact, type TransactWrite } from './dynamo.ts';
import { keyedReader, number, object, oneOf, optional, text, type Item } from './item.ts';
import { readable } from './readable.ts';
import { withdrawal } from './user-store.ts';

const membership = object<Membership & { readonly expiresAt?: number }>({
  tenant: text(),
  user: text(),
  email: text(),
  role: oneOf(...roles),
  since: text(),
  endedAt: optional(text()),
  expiresAt: optional(number),
});

/**
 * Parts of users in tenants in the table `users`: `user#<id>` / `member#<tenant>`, and the same under
 * `tenant#<tenant>` / `member#<id>`. Ended ones expire. An earlier release wrote `user#<id>` /
 * `removed`, which expires within a day.
 */
export function dynamoMemberships(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): Memberships {
  const read = keyedReader(table, membership);
  const membershipOf = (item: Item): Membership => {
    const { tenant, user, email, role, since, endedAt } = read(item);
    return { tenant, user, email, role, since, ...(endedAt === undefined ? {} : { endedAt }) };
  };

  const putBoth = (given: Membership): TransactWrite[] => {
    const { tenant, user, endedAt } = given;
    const expires =
      endedAt === undefined ? {} : { expiresAt: expiresAfter(endedAt, ENDED_KEPT_HOURS / 24) };
    return [
      { pk: `user#${user}`, sk: `member#${tenant}` },
      { pk: `tenant#${tenant}`, sk: `member#${user}` },
    ].map((key) => ({ Put: { TableName: table, Item: { ...key, ...given, ...expires } } }));
  };

  return {
    async of(user) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `user#${user}` },
        ConsistentRead: true,
      });
      return {
        // One that cannot be read fails: else its user would be taken for a former owner.
        memberships: items.filter(({ sk }) => String(sk).startsWith('member#')).map(membershipOf),
        wasRemoved: items.some(({ sk }) => sk === 'removed'),
      };
    },

    async in(tenant) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :members)',
        ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':members': 'member#' },
        ConsistentRead: true,
      });
      return readable(items, membershipOf);
    },

    async accept(invitation, made) {
      let isClosed = false;
      try {
        const writes = [
          ...withdrawal(table, invitation, made.since),
          ...putBoth(made),
          ...trail.entriesOf(membershipChange(undefined, made)),
        ];
        await transact(client, `the membership of ${made.user}`, writes, (failed) => {
          isClosed = failed.includes(0);
        });
        return true;
      } catch (error) {
        if (isClosed) return false;
        throw error;
      }
    },

    async put(given) {
      const { user, tenant } = given;
      const key = { pk: `user#${user}`, sk: `member#${tenant}` };
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
      );
      const before = item && membershipOf(item);
      await transact(client, `the membership of ${user}`, [
        ...putBoth(given),
        ...trail.entriesOf(membershipChange(before, given)),
      ]);
    },
  };
}
