import {
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { DeliveryAttempt } from '#shared/core/model/delivery.ts';
import type { EndpointFailures, SwitchedOff } from '#shared/core/model/endpoint-health.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import {
  DELIVERY_DAYS,
  type DeliveryRecord,
  type PreviousSecret,
  type Webhook,
  type TenantPlatform,
  type WebhookOwner,
  type WebhookStore,
} from '#shared/app/ports/webhook-store.ts';
import { webhookChange } from '#shared/app/audit/other-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { conditionally, expiresAfter, newestFirst, putIfNew, transact } from './dynamo.ts';
import {
  anything,
  bytes,
  either,
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
import { addWithin } from './limited-add.ts';
import { readable } from './readable.ts';

const at = {
  webhook: (tenant: WebhookOwner, id: string) => ({ pk: `tenant#${tenant}`, sk: `webhook#${id}` }),
  /** Ordered by when the event happened. */
  revision: (tenant: WebhookOwner) => ({ pk: `tenant#${tenant}`, sk: 'revision#webhooks' }),
  delivery: (webhook: string, event: Pick<ServiceEvent, 'id' | 'at'>) => ({
    pk: `webhook#${webhook}`,
    sk: `delivery#${event.at}#${event.id}`,
  }),
};

const keptSecret = either(text(), bytes);

const webhookItem = object<Webhook>({
  id: text(),
  tenant: text(),
  url: text(),
  events: listOf(text()),
  secret: keptSecret,
  previousSecrets: optional(listOf(object<PreviousSecret>({ secret: keptSecret, until: text() }))),
  createdAt: text(),
  failing: optional(
    object<EndpointFailures>({
      count: number,
      since: text(),
      nextAt: optional(text()),
      reason: text(),
    }),
  ),
  off: optional(
    object<SwitchedOff>({
      at: text(),
      by: oneOf('service', 'tenant'),
      reason: optional(text()),
    }),
  ),
  revision: optional(number),
});

const wanted = object<Pick<Webhook, 'events'>>({ events: listOf(text()) });

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
  state: oneOf('pending', 'delivered', 'failed', 'missed'),
  attempts: listOf(
    object<DeliveryAttempt>({
      at: text(),
      status: optional(number),
      error: optional(text()),
    }),
  ),
  nextAt: optional(text()),
  replay: optional(text()),
  triedBefore: optional(number),
});

const tenantPlatform = object<TenantPlatform>({ platform: text(), externalId: text() });

/** The item that says which platform made a tenant, so that its webhooks get the tenant's events. */
export const atTenantPlatform = (tenant: WebhookOwner) => ({
  pk: `tenant#${tenant}`,
  sk: 'platform',
});

const webhooksIn = (items: readonly Item[]): Item[] =>
  items.filter(({ sk }) => String(sk).startsWith('webhook#'));

const expiry = ({ at: happened }: ServiceEvent): number => expiresAfter(happened, DELIVERY_DAYS);

/** Webhooks in the table `webhooks`: endpoints under their tenant, deliveries under their endpoint. */
export function dynamoWebhookStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): WebhookStore {
  const webhookOf = keyedReader(table, webhookItem);
  const wantedOf = keyedReader(table, wanted);
  const platformOf = keyedReader(table, tenantPlatform);
  const readRecord = keyedReader(table, deliveryRecord);
  const recordOf = ({ expiresAt: _expiresAt, ...item }: Item) => readRecord(item);

  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const of = async (tenant: WebhookOwner): Promise<Webhook[]> => {
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :webhooks)',
        ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':webhooks': 'webhook#' },
        ConsistentRead: true,
      }),
    );
    return readable(items, webhookOf);
  };

  /** Everything of an owner that is no delivery, in one query. */
  const partition = async (tenant: WebhookOwner, more: object): Promise<Item[]> => {
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `tenant#${tenant}` },
        ...more,
      }),
    );
    return items;
  };
  const platformIn = (items: readonly Item[]): TenantPlatform | undefined => {
    const item = items.find(({ sk }) => sk === 'platform');
    return item && platformOf(item);
  };

  return {
    async receiving(tenant) {
      const items = await partition(tenant, { ConsistentRead: true });
      const own = readable(webhooksIn(items), webhookOf);
      const made = platformIn(items);
      return made === undefined ? own : [...own, ...(await of(made.platform))];
    },

    async platformOf(tenant) {
      const item = await read(atTenantPlatform(tenant));
      return item && platformOf(item);
    },

    async add(webhook, most) {
      const { tenant, id } = webhook;
      const list = {
        table,
        key: at.revision(tenant),
        what: `the webhooks of ${tenant}`,
        count: async () => (await of(tenant)).filter((other) => other.id !== id).length,
      };
      // One that is made again, after a crash, takes the place of the first.
      const item = { ...at.webhook(tenant, id), ...webhook };
      return addWithin(client, list, most, [
        { Put: { TableName: table, Item: item } },
        ...trail.entriesOf(webhookChange(undefined, webhook)),
      ]);
    },

    async change(webhook, change) {
      const { tenant, id, revision } = webhook;
      const changed = { ...webhook, ...change, revision: (revision ?? 0) + 1 } as Webhook;
      const put = {
        TableName: table,
        Item: { ...at.webhook(tenant, id), ...changed },
        ConditionExpression:
          revision === undefined
            ? 'attribute_exists(pk) AND attribute_not_exists(revision)'
            : 'revision = :was',
        ...(revision === undefined ? {} : { ExpressionAttributeValues: { ':was': revision } }),
      };
      const entries = trail.entriesOf(webhookChange(webhook, changed));
      const what = `the webhook ${id}`;
      if (entries.length > 0) await transact(client, what, [{ Put: put }, ...entries]);
      else await conditionally(what, () => client.send(new PutCommand(put)));
      return changed;
    },

    of,

    async wantedTypes(tenant) {
      // Nothing else is read: not the secrets.
      const projected = {
        ExpressionAttributeNames: { '#events': 'events' },
        ProjectionExpression: 'pk, sk, #events, platform, externalId',
      };
      const items = await partition(tenant, projected);
      const made = platformIn(items);
      const others = made === undefined ? [] : await partition(made.platform, projected);
      return new Set(
        readable(webhooksIn([...items, ...others]), wantedOf).flatMap(({ events }) => events),
      );
    },

    async get(tenant, id) {
      const item = await read(at.webhook(tenant, id));
      return item && webhookOf(item);
    },

    async remove(tenant, id) {
      const item = await read(at.webhook(tenant, id));
      if (item === undefined) return;
      await transact(client, `the webhook ${id}`, [
        { Delete: { TableName: table, Key: at.webhook(tenant, id) } },
        ...trail.entriesOf(webhookChange(webhookOf(item), undefined)),
      ]);
    },

    async begin(webhook, event, state = 'pending') {
      const record: DeliveryRecord = {
        webhook,
        event,
        revision: 1,
        state,
        attempts: [],
      };
      const key = at.delivery(webhook, event);
      const made = { ...key, ...record, expiresAt: expiry(event) };
      if (await putIfNew(client, table, made, 'pk')) return record;
      const item = await read(key);
      return item === undefined ? record : recordOf(item);
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

    async delivery(webhook, event) {
      const item = await read(at.delivery(webhook, event));
      return item && recordOf(item);
    },

    async deliveriesBetween(webhook, { from, to }, { cursor, limit }) {
      // DynamoDB refuses a range that ends before it begins.
      if (from > to) return { deliveries: [], cursor: undefined };
      const pk = `webhook#${webhook}`;
      // `to` may be later in the next request, where it means now.
      const list = `${pk} ${from}`;
      const after = cursor === undefined ? undefined : decodeCursor(list, cursor);
      // DynamoDB refuses a range that ends before it begins, and a start outside it.
      if ((after ?? `delivery#${from}`) >= `delivery#${to}`) {
        return { deliveries: [], cursor: undefined };
      }
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':pk': pk,
            ':from': `delivery#${from}`,
            ':to': `delivery#${to}`,
          },
          Limit: limit,
          ConsistentRead: true,
          ExclusiveStartKey: after === undefined ? undefined : { pk, sk: after },
        }),
      );
      const last = page.LastEvaluatedKey;
      return {
        deliveries: readable(page.Items ?? [], recordOf),
        cursor: last && encodeCursor(list, String(last['sk'])),
      };
    },

    async deliveries(webhook, page) {
      const { items, cursor } = await newestFirst(client, table, `webhook#${webhook}`, page);
      return { deliveries: readable(items, recordOf), cursor };
    },
  };
}
