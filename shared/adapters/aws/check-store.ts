import { DeleteCommand, GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { newMemory } from '#shared/core/model/check.ts';
import type { Label } from '#shared/core/model/names.ts';
import {
  DUE_PARTITIONS,
  lastCheck,
  type CheckState,
  type CheckStore,
  type DueCheck,
} from '#shared/app/ports/check-store.ts';
import { checkItems, verdictKey, type CheckItem, type Condition } from './check-item.ts';
import { batchGet, queryAll } from './dynamo.ts';
import { object, text, wholeReader } from './item.ts';
import { readable } from './readable.ts';
import { dynamoSenderChecks } from './sender-checks.ts';

/** The attributes of an item in the index `due`. */
const dueCheck = object<DueCheck>({ tenant: text(), domain: text(), label: text(), dueAt: text() });

/** Check results and due times on DynamoDB. */
export function dynamoCheckStore(client: DynamoDBDocumentClient, table: string): CheckStore {
  const keyNames = ['label'];
  const dueOf = wholeReader(table, dueCheck, keyNames);

  const { set, itemOf } = checkItems(client, table);

  return {
    ...dynamoSenderChecks(client, table),

    async get(label) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { label }, ConsistentRead: true }),
      );
      return item && stateOf(itemOf(item));
    },

    async results(labels) {
      const keys = labels.map((label) => ({ label }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map(
        readable(items, itemOf).flatMap(({ label, result, memory }) =>
          result ? [[label, lastCheck(result, memory)]] : [],
        ),
      );
    },

    async schedule({ label, tenant, domain, dueAt }) {
      await set(label, { tenant, domain, ...dueKey(label, dueAt) });
    },

    async lock({ label, tenant, domain }, lock) {
      const locked = await set(
        label,
        { tenant, domain, lock },
        {
          expression: 'attribute_not_exists(#lock) OR #lock.#until <= :since',
          names: { '#until': 'until' },
          values: { ':since': lock.since },
          absent: dueKey(label, lock.until),
        },
      );
      return locked && stateOf(locked);
    },

    async record({ label, tenant, domain, result, memory, dueAt }, owner) {
      const noted = await set(
        label,
        { tenant, domain, result, memory, ...dueKey(label, dueAt) },
        { ...heldBy(owner), remove: ['lock'] },
      );
      return noted && stateOf(noted);
    },

    async unlock(label, owner) {
      await set(label, {}, { ...heldBy(owner), remove: ['lock'] });
    },

    async request({ label, tenant, domain, requestedAt, dueAt }, was) {
      const noted = await set(
        label,
        { tenant, domain, requestedAt, ...dueKey(label, dueAt) },
        was === undefined
          ? { expression: 'attribute_not_exists(#requestedAt)' }
          : { expression: '#requestedAt = :was', values: { ':was': was } },
      );
      return noted !== undefined;
    },

    async due(partition, now, limit) {
      const query = {
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'duePartition = :partition AND dueAt <= :now',
        ExpressionAttributeValues: { ':partition': String(partition), ':now': now },
      };
      const items = await queryAll(client, query, limit);
      return readable(items, dueOf).map(({ label, tenant, domain, dueAt }) => ({
        label,
        tenant,
        domain,
        dueAt,
      }));
    },

    async lease({ label, dueAt }, until) {
      const leased = await set(
        label,
        { dueAt: until },
        { expression: '#dueAt = :was', values: { ':was': dueAt } },
      );
      return leased !== undefined;
    },

    async forget(label) {
      for (const key of [verdictKey(label), { label }]) {
        await client.send(new DeleteCommand({ TableName: table, Key: key }));
      }
    },
  };
}

const heldBy = (owner: string): Condition => ({
  expression: '#lock.#owner = :owner',
  names: { '#lock': 'lock', '#owner': 'owner' },
  values: { ':owner': owner },
});

const dueKey = (label: Label, dueAt: string) => ({
  dueAt,
  duePartition: String(partitionOf(label)),
});

/** Labels are random, so their first character spreads them evenly: two of the 32 to a partition. */
function partitionOf(label: Label): number {
  const value = 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(label.charAt(0));
  return Math.floor((value * DUE_PARTITIONS) / 32);
}

const stateOf = ({
  duePartition: _partition,
  memory = newMemory,
  ...rest
}: CheckItem): CheckState => ({
  ...rest,
  memory,
});
