import {
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '#shared/core/model/names.ts';
import { roles } from '#shared/core/model/roles.ts';
import { dayOf } from '#shared/core/reports/day.ts';
import type { Invitation, Invitations } from '#shared/app/ports/user-store.ts';
import { invitationChange } from '#shared/app/audit/access-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { expiresAfter, isConditionFailed, transact, type TransactWrite } from './dynamo.ts';
import { keyedReader, number, object, oneOf, optional, text, type Item } from './item.ts';
import { nextRevision, revisionIn } from './limited-add.ts';
import { readable } from './readable.ts';

const at = {
  invitation: (tenant: TenantId, email: string) => ({
    pk: `tenant#${tenant}`,
    sk: `invitation#${email}`,
  }),
  ofAddress: (email: string, tenant: TenantId) => ({
    pk: `address#${email}`,
    sk: `invitation#${tenant}`,
  }),
  mails: (email: string, day: string) => ({ pk: `address#${email}`, sk: `mails#${day}` }),
  revision: (tenant: TenantId) => ({ pk: `tenant#${tenant}`, sk: 'revision#users' }),
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
  role: optional(oneOf(...roles)),
  inviter: optional(text()),
  removedAt: optional(text()),
  expiresAt: optional(number),
});

/** Longer than any interval between two invitations of one address is likely to be. */
const REMOVED_INVITATION_KEPT_DAYS = 7;

/**
 * Takes an invitation off the list of its tenant and off that of its address, where it is as it was
 * read.
 *
 * @param invitedAt absent: whichever there is
 */
export const withdrawal = (
  table: string,
  { tenant, email, invitedAt }: Pick<Invitation, 'tenant' | 'email'> & { invitedAt?: string },
  removedAt: string,
): TransactWrite[] => [
  {
    Update: {
      TableName: table,
      Key: at.invitation(tenant, email),
      UpdateExpression: 'SET removedAt = :removedAt, expiresAt = :expiresAt',
      ConditionExpression:
        invitedAt === undefined
          ? 'attribute_exists(pk)'
          : 'invitedAt = :invitedAt AND attribute_not_exists(removedAt)',
      ExpressionAttributeValues: {
        ':removedAt': removedAt,
        ':expiresAt': expiresAfter(removedAt, REMOVED_INVITATION_KEPT_DAYS),
        ...(invitedAt === undefined ? {} : { ':invitedAt': invitedAt }),
      },
    },
  },
  { Delete: { TableName: table, Key: at.ofAddress(email, tenant) } },
];

const openOf = ({ tenant, email, invitedAt, role, inviter }: StoredInvitation): Invitation => ({
  tenant,
  email,
  invitedAt,
  ...(role === undefined ? {} : { role }),
  ...(inviter === undefined ? {} : { inviter }),
});

/**
 * Invitations in the table `users`: `tenant#<tenant>` / `invitation#<address>`, and, for who is
 * invited, `address#<address>` / `invitation#<tenant>`.
 */
export function dynamoInvitations(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): Invitations {
  const invitationOf = keyedReader(table, invitation);
  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
  // A tenant has at most 100, an address those of few tenants: far below the megabyte of a page.
  const openBelow = async (pk: string): Promise<Invitation[]> => {
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :invitations)',
        ExpressionAttributeValues: { ':pk': pk, ':invitations': 'invitation#' },
        ConsistentRead: true,
      }),
    );
    return readable(items, invitationOf)
      .filter(({ removedAt }) => removedAt === undefined)
      .map(openOf);
  };

  return {
    async put(made, notAfter, revision) {
      const { tenant, email } = made;
      const key = at.invitation(tenant, email);
      const writes = [
        {
          Put: {
            TableName: table,
            Item: { ...key, ...made },
            ConditionExpression: 'attribute_not_exists(pk) OR invitedAt <= :notAfter',
            ExpressionAttributeValues: { ':notAfter': notAfter },
          },
        },
        { Put: { TableName: table, Item: { ...at.ofAddress(email, tenant), ...made } } },
        ...(revision === undefined ? [] : [nextRevision(table, at.revision(tenant), revision)]),
        ...trail.entriesOf(invitationChange(undefined, made)),
      ];
      let isEarlier = false;
      try {
        await transact(client, `the users of ${tenant}`, writes, (failed) => {
          isEarlier = failed.includes(0);
        });
        return undefined;
      } catch (error) {
        if (!isEarlier) throw error;
        const item = await read(key);
        return item === undefined ? notAfter : invitationOf(item).invitedAt;
      }
    },

    async revision(tenant) {
      return revisionIn(await read(at.revision(tenant)));
    },

    of: (tenant) => openBelow(`tenant#${tenant}`),

    to: (email) => openBelow(`address#${email}`),

    async remove(tenant, email, removedAt) {
      const item = await read(at.invitation(tenant, email));
      // A user whom the operator made has none.
      if (item === undefined) return;
      const { removedAt: earlier, ...known } = invitationOf(item);
      let isNone = false;
      try {
        const writes = [
          ...withdrawal(table, { tenant, email }, removedAt),
          ...(earlier === undefined ? trail.entriesOf(invitationChange(known, undefined)) : []),
        ];
        await transact(client, `the invitation of ${tenant}`, writes, (failed) => {
          isNone = failed.includes(0);
        });
      } catch (error) {
        // It expired meanwhile.
        if (!isNone) throw error;
      }
    },

    async countMail(email, now, most) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: at.mails(email, dayOf(new Date(now))),
            UpdateExpression: 'SET expiresAt = :expiresAt ADD mails :one',
            ConditionExpression: 'attribute_not_exists(mails) OR mails < :most',
            ExpressionAttributeValues: {
              ':one': 1,
              ':most': most,
              ':expiresAt': expiresAfter(now, 2),
            },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },
  };
}
