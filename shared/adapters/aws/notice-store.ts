import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { noticesChange } from '#shared/app/audit/other-changes.ts';
import { NOTICE_DAYS, type NoticeStore } from '#shared/app/ports/notice-store.ts';
import { languages } from '#shared/core/model/contact.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  isOverdue,
  noNotices,
  noticeKindNames,
  type NoticeBatch,
  type NoticeRecipient,
  type NoticeSettings,
} from '#shared/core/model/notice.ts';
import type { AuditTrail } from './audit-trail.ts';
import {
  expiresAfter,
  isConditionFailed,
  queryAll,
  transact,
  type TransactWrite,
} from './dynamo.ts';
import {
  anything,
  flag,
  keyedReader,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  text,
  type Item,
} from './item.ts';
import { readable } from './readable.ts';

const at = {
  settings: (tenant: TenantId) => ({ pk: tenant, sk: 'settings' }),
  batch: (tenant: TenantId) => ({ pk: tenant, sk: 'batch' }),
  known: (tenant: TenantId, event: string) => ({ pk: tenant, sk: `known#${event}` }),
  gathered: (tenant: TenantId, batch: string, event: string) => ({
    pk: tenant,
    sk: `gathered#${batch}#${event}`,
  }),
};

const settingsItem = object<NoticeSettings>({
  revision: number,
  recipients: listOf(
    object<NoticeRecipient>({
      email: text(),
      language: oneOf(...languages),
      kinds: listOf(oneOf(...noticeKindNames)),
    }),
  ),
});
const batchItem = object<NoticeBatch>({ id: text(), open: flag, since: text() });
const knownItem = object<{ readonly batch: string }>({ batch: text() });
const eventItem = object<ServiceEvent>({
  id: text(),
  // Shown, and decides nothing.
  type: text(),
  tenant: text(),
  at: text(),
  data: mapOf(anything),
});

/**
 * The table `notices`, by tenant: `settings`; `batch`, the last one; `known#<event>` with its batch;
 * and `gathered#<batch>#<event>`, the events of each batch.
 */
export function dynamoNoticeStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): NoticeStore {
  const readers = {
    settings: keyedReader(table, settingsItem),
    batch: keyedReader(table, batchItem),
    known: keyedReader(table, knownItem),
    event: keyedReader(table, eventItem),
  };
  const itemAt = async (key: { readonly pk: string; readonly sk: string }) => {
    const get = new GetCommand({ TableName: table, Key: key, ConsistentRead: true });
    return (await client.send(get)).Item;
  };

  return {
    async settings(tenant) {
      const item = await itemAt(at.settings(tenant));
      return item === undefined ? noNotices : readers.settings(item);
    },

    async change(tenant, before, next) {
      const update = {
        TableName: table,
        Key: at.settings(tenant),
        UpdateExpression: 'SET revision = :next, recipients = :recipients',
        ConditionExpression: before.revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :was',
        ExpressionAttributeValues: {
          ':next': next.revision,
          ':recipients': next.recipients,
          ...(before.revision === 0 ? {} : { ':was': before.revision }),
        },
      };
      const entries = trail.entriesOf(noticesChange(tenant, before, next));
      await transact(client, `the notices of ${tenant}`, [{ Update: update }, ...entries]);
    },

    async gather(event, now) {
      const { tenant, id } = event;
      const known = await itemAt(at.known(tenant, id));
      if (known !== undefined) return { batch: readers.known(withoutExpiry(known)).batch };
      const item = await itemAt(at.batch(tenant));
      const last = item === undefined ? undefined : readers.batch(item);
      const joins = last?.open === true;
      const batch = joins ? last.id : id;
      const expires = expiresAfter(now.getTime(), NOTICE_DAYS);
      const writes: TransactWrite[] = [
        {
          Put: {
            TableName: table,
            Item: { ...at.known(tenant, id), batch, expiresAt: expires },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        {
          Put: {
            TableName: table,
            Item: { ...at.gathered(tenant, batch, id), ...event, expiresAt: expires },
          },
        },
        joins
          ? {
              ConditionCheck: {
                TableName: table,
                Key: at.batch(tenant),
                ConditionExpression: 'id = :id AND #open = :open',
                ExpressionAttributeNames: { '#open': 'open' },
                ExpressionAttributeValues: { ':id': last.id, ':open': true },
              },
            }
          : {
              Put: {
                TableName: table,
                Item: { ...at.batch(tenant), id, open: true, since: now.toISOString() },
                ...(last === undefined
                  ? { ConditionExpression: 'attribute_not_exists(pk)' }
                  : {
                      ConditionExpression: 'id = :id AND #open = :open',
                      ExpressionAttributeNames: { '#open': 'open' },
                      ExpressionAttributeValues: { ':id': last.id, ':open': false },
                    }),
              },
            },
      ];
      await transact(client, `the notices of ${tenant}`, writes);
      if (last === undefined) return { batch };
      if (!joins) return { batch, before: last };
      return { batch, ...(isOverdue(last, now) && { overdue: true }) };
    },

    async close(tenant, batch) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: at.batch(tenant),
            UpdateExpression: 'SET #open = :no',
            ConditionExpression: 'id = :id',
            ExpressionAttributeNames: { '#open': 'open' },
            ExpressionAttributeValues: { ':no': false, ':id': batch },
          }),
        );
      } catch (error) {
        // A later batch is there, so that this one was closed before.
        if (!isConditionFailed(error)) throw error;
      }
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': tenant, ':prefix': `gathered#${batch}#` },
        ConsistentRead: true,
      });
      return readable(items, (item) => readers.event(withoutExpiry(item)));
    },
  };
}

const withoutExpiry = ({ expiresAt: _expiresAt, ...item }: Item): Item => item;
