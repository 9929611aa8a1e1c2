import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { FlatteningItem, FlatteningStore } from '#shared/app/ports/flattening-store.ts';
import { conditionally } from './dynamo.ts';
import { listOf, number, object, optional, text, wholeReader, type Item } from './item.ts';
import { readable } from './readable.ts';

/**
 * The one partition of the index `due`: the flattener reads a few items a minute, far below its
 * limit.
 */
const DUE = 'due';

type Reported = NonNullable<FlatteningItem['held']>;
type Candidate = NonNullable<FlatteningItem['candidate']>;
const reported = object<Reported>({ detail: text(), since: text() });

const flattening = object<FlatteningItem>({
  tenant: text(),
  domain: text(),
  label: text(),
  include: text(),
  revision: number,
  begunAt: text(),
  dueAt: text(),
  candidate: optional(object<Candidate>({ addresses: listOf(text()), since: text() })),
  held: optional(reported),
  failure: optional(reported),
});

/** Flattened includes in the table `flattenings`: `<label>` / `<include>`. */
export function dynamoFlatteningStore(
  client: DynamoDBDocumentClient,
  table: string,
): FlatteningStore {
  const read = wholeReader(table, flattening, ['label', 'include']);
  const itemsIn = (items: readonly Item[]) =>
    readable(items, ({ due: _due, ...item }) => read(item));

  return {
    async begin({ tenant, domain, label, include, now }) {
      const item: FlatteningItem = {
        tenant,
        domain,
        label,
        include,
        revision: 1,
        begunAt: now,
        dueAt: now,
      };
      await client.send(new PutCommand({ TableName: table, Item: { ...item, due: DUE } }));
    },

    async of(label) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'label = :label',
          ExpressionAttributeValues: { ':label': label },
          ConsistentRead: true,
        }),
      );
      return itemsIn(items);
    },

    async due(now, limit) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'due',
          KeyConditionExpression: 'due = :due AND dueAt <= :now',
          ExpressionAttributeValues: { ':due': DUE, ':now': now },
          Limit: limit,
        }),
      );
      return itemsIn(items);
    },

    async put(item) {
      await conditionally(`flattening ${item.include} of ${item.domain}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...item, due: DUE },
            ConditionExpression: 'revision = :was',
            ExpressionAttributeValues: { ':was': item.revision - 1 },
          }),
        ),
      );
    },

    async forget(label, include) {
      await client.send(new DeleteCommand({ TableName: table, Key: { label, include } }));
    },
  };
}
