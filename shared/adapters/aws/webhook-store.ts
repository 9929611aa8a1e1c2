import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  DELIVERY_DAYS,
  type DeliveryRecord,
  type Webhook,
  type WebhookStore,
} from '#shared/app/ports/webhook-store.ts';
import { conditionally, expiresAfter, isConditionFailed, newestFirst } from './dynamo.ts';

type Item = Record<string, unknown>;

const at = {
  webhook: (tenant: TenantId, id: string) => ({ pk: `tenant#${tenant}`, sk: `webhook#${id}` }),
  /** Ordered by when the event happened. */
  delivery: (webhook: string, event: ServiceEvent) => ({
    pk: `webhook#${webhook}`,
    sk: `delivery#${event.at}#${event.id}`,
  }),
};

const webhookOf = ({ pk: _pk, sk: _sk, ...rest }: Item): Webhook => rest as unknown as Webhook;
const recordOf = ({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...rest }: Item): DeliveryRecord =>
  rest as unknown as DeliveryRecord;

const expiry = ({ at: happened }: ServiceEvent): number => expiresAfter(happened, DELIVERY_DAYS);

/** Webhooks in the table `webhooks`: endpoints under their tenant, deliveries under their endpoint. */
export function dynamoWebhookStore(client: DynamoDBDocumentClient, table: string): WebhookStore {
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
      return items.map(webhookOf);
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
      return { deliveries: items.map(recordOf), cursor };
    },
  };
}
