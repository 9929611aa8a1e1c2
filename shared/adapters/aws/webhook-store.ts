import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { DeliveryAttempt } from '#shared/core/model/delivery.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  DELIVERY_DAYS,
  type DeliveryRecord,
  type Webhook,
  type WebhookStore,
} from '#shared/app/ports/webhook-store.ts';
import { conditionally, expiresAfter, isConditionFailed, newestFirst } from './dynamo.ts';
import {
  anything,
  keyedReader,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  text,
  type Item,
} from './item.ts';
import { readable } from './readable.ts';

const at = {
  webhook: (tenant: TenantId, id: string) => ({ pk: `tenant#${tenant}`, sk: `webhook#${id}` }),
  /** Ordered by when the event happened. */
  delivery: (webhook: string, event: ServiceEvent) => ({
    pk: `webhook#${webhook}`,
    sk: `delivery#${event.at}#${event.id}`,
  }),
};

const webhookItem = object<Webhook>({
  id: text(),
  tenant: text(),
  url: text(),
  events: listOf(text()),
  secret: text(),
  createdAt: text(),
});

const serviceEvent = object<ServiceEvent>({
  id: text(),
  type: text(),
  tenant: text(),
  at: text(),
  data: mapOf(anything),
});

const deliveryRecord = object<DeliveryRecord>({
  webhook: text(),
  event: serviceEvent,
  revision: number,
  state: oneOf('pending', 'delivered', 'failed'),
  attempts: listOf(
    object<DeliveryAttempt>({
      at: text(),
      status: optional(number),
      error: optional(text()),
    }),
  ),
  nextAt: optional(text()),
});

const expiry = ({ at: happened }: ServiceEvent): number => expiresAfter(happened, DELIVERY_DAYS);

/** Webhooks in the table `webhooks`: endpoints under their tenant, deliveries under their endpoint. */
export function dynamoWebhookStore(client: DynamoDBDocumentClient, table: string): WebhookStore {
  const webhookOf = keyedReader(table, webhookItem);
  const readRecord = keyedReader(table, deliveryRecord);
  const recordOf = ({ expiresAt: _expiresAt, ...item }: Item) => readRecord(item);

  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  return {
    async add(webhook) {
      const item = { ...at.webhook(webhook.tenant, webhook.id), ...webhook };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },

    async of(tenant) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :webhooks)',
          ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':webhooks': 'webhook#' },
          ConsistentRead: true,
        }),
      );
      return readable(items, webhookOf);
    },

    async get(tenant, id) {
      const item = await read(at.webhook(tenant, id));
      return item && webhookOf(item);
    },

    async remove(tenant, id) {
      await client.send(new DeleteCommand({ TableName: table, Key: at.webhook(tenant, id) }));
    },

    async begin(webhook, event) {
      const record: DeliveryRecord = {
        webhook,
        event,
        revision: 1,
        state: 'pending',
        attempts: [],
      };
      const key = at.delivery(webhook, event);
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...key, ...record, expiresAt: expiry(event) },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return record;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        const item = await read(key);
        return item === undefined ? record : recordOf(item);
      }
    },

    async put(record) {
      const { webhook, event, revision } = record;
      await conditionally(`the delivery of ${event.id} to ${webhook}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...at.delivery(webhook, event), ...record, expiresAt: expiry(event) },
            ConditionExpression: 'revision = :was',
            ExpressionAttributeValues: { ':was': revision - 1 },
          }),
        ),
      );
    },

    async deliveries(webhook, page) {
      const { items, cursor } = await newestFirst(client, table, `webhook#${webhook}`, page);
      return { deliveries: readable(items, recordOf), cursor };
    },
  };
}
