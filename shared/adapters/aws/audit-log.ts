import {
  GetCommand,
  paginateQuery,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { AuditLog, AuditRange } from '#shared/app/ports/audit-log.ts';
import { emptyHead, type Head, type Seal } from '#shared/core/audit/chain.ts';
import type { AuditOwner, StoredEntry } from '#shared/core/audit/entry.ts';
import type { PersonalValue } from '#shared/core/audit/personal.ts';
import { AUDIT_DAYS } from '#shared/core/audit/retention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { batchGet, expiresAfter, transact } from './dynamo.ts';
import { mapOf, number, object, text, wholeReader, type Item } from './item.ts';
import { readable } from './readable.ts';

interface EntryItem extends Pick<StoredEntry, 'record' | 'personal'> {
  readonly pk: AuditOwner;
  readonly sk: string;
}

const entryItem = object<EntryItem>({
  pk: text(),
  sk: text(),
  record: text(),
  personal: mapOf(object<PersonalValue>({ salt: text(), value: text() })),
});

interface SealItem extends Omit<Seal, 'entry'> {
  readonly sk: string;
}

const sealItem = object<SealItem>({ sk: text(), number, previous: text(), hash: text() });

interface HeadItem extends Omit<Head, 'owner'> {
  readonly sk: AuditOwner;
}

const headItem = object<HeadItem>({ sk: text(), number, hash: text() });

/** The heads of all chains are in one partition: few of them move at once, and rarely. */
const HEADS = 'heads';
const atHead = (owner: AuditOwner) => ({ pk: HEADS, sk: owner });

/** The audit log in the tables `audit` and `auditSeals`. */
export function dynamoAuditLog(
  client: DynamoDBDocumentClient,
  { audit, auditSeals }: { readonly audit: string; readonly auditSeals: string },
): AuditLog {
  const readItem = wholeReader(audit, entryItem, ['pk', 'sk']);
  const readSeal = wholeReader(auditSeals, sealItem, ['pk', 'sk']);
  const readHead = wholeReader(auditSeals, headItem, ['pk', 'sk']);
  const entryOf = (item: Item): StoredEntry => {
    const { pk: owner, sk: key, record, personal } = readItem(item);
    return { owner, key, record, personal };
  };
  const sealOf = (item: Item): Seal => {
    const { sk: entry, ...rest } = readSeal(item);
    const { number: place, previous, hash } = rest;
    return { entry, number: place, previous, hash };
  };
  const headOf = (item: Item): Head => {
    const { sk: owner, number: place, hash } = readHead(item);
    return { owner, number: place, hash };
  };

  const inRange = (owner: AuditOwner, { from, to }: AuditRange) => ({
    TableName: audit,
    KeyConditionExpression: 'pk = :owner AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':owner': owner, ':from': from, ':to': to },
  });

  return {
    async page(owner, range, { limit, cursor }) {
      const list = listOf(owner);
      const after = cursor === undefined ? undefined : decodeCursor(list, cursor);
      // DynamoDB refuses a range that ends before it begins, and a start outside it.
      if (range.from > range.to || (after !== undefined && after <= range.from)) {
        return { entries: [], cursor: undefined };
      }
      const page = await client.send(
        new QueryCommand({
          ...inRange(owner, range),
          Limit: limit,
          ScanIndexForward: false,
          ConsistentRead: true,
          ExclusiveStartKey: after === undefined ? undefined : { pk: owner, sk: after },
        }),
      );
      const last = page.LastEvaluatedKey;
      return {
        entries: readable(page.Items ?? [], entryOf),
        cursor: last && encodeCursor(list, String(last['sk'])),
      };
    },

    cursorAfter: (owner, { key }) => encodeCursor(listOf(owner), key),

    async *entries(owner, range) {
      if (range.from > range.to) return;
      const query = { ...inRange(owner, range), ConsistentRead: true };
      for await (const { Items: items = [] } of paginateQuery({ client }, query)) {
        yield* items.map(entryOf);
      }
    },

    async sealsOf(owner, keys) {
      const at = keys.map((sk) => ({ pk: owner, sk }));
      const items = await batchGet(client, auditSeals, at, { consistent: true });
      return new Map(items.map(sealOf).map((one) => [one.entry, one]));
    },

    async *seals(owner) {
      const query = {
        TableName: auditSeals,
        KeyConditionExpression: 'pk = :owner',
        ExpressionAttributeValues: { ':owner': owner },
        ConsistentRead: true,
      };
      for await (const { Items: items = [] } of paginateQuery({ client }, query)) {
        yield* items.map(sealOf);
      }
    },

    async head(owner) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: auditSeals, Key: atHead(owner), ConsistentRead: true }),
      );
      return item === undefined ? emptyHead(owner) : headOf(item);
    },

    async seal(before, seals, next) {
      const { owner } = before;
      await transact(client, `the audit log of ${owner}`, [
        {
          Update: {
            TableName: auditSeals,
            Key: atHead(owner),
            UpdateExpression: 'SET #number = :number, #hash = :hash',
            ConditionExpression:
              before.number === 0 ? 'attribute_not_exists(#number)' : '#hash = :before',
            ExpressionAttributeNames: { '#number': 'number', '#hash': 'hash' },
            ExpressionAttributeValues: {
              ':number': next.number,
              ':hash': next.hash,
              ...(before.number === 0 ? {} : { ':before': before.hash }),
            },
          },
        },
        ...seals.map(({ entry, ...rest }) => ({
          Put: {
            TableName: auditSeals,
            Item: { pk: owner, sk: entry, ...rest, expiresAt: expiryOf(entry) },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        })),
      ]);
    },

    async *unanchored() {
      const query = {
        TableName: auditSeals,
        KeyConditionExpression: 'pk = :heads',
        FilterExpression: 'attribute_not_exists(anchored) OR anchored < #number',
        ExpressionAttributeNames: { '#number': 'number' },
        ExpressionAttributeValues: { ':heads': HEADS },
        ConsistentRead: true,
      };
      for await (const { Items: items = [] } of paginateQuery({ client }, query)) {
        yield* items.map(headOf);
      }
    },

    async noteAnchored({ owner, number: place }) {
      const update = {
        TableName: auditSeals,
        Key: atHead(owner),
        UpdateExpression: 'SET anchored = :number',
        ExpressionAttributeValues: { ':number': place },
      };
      await client.send(new UpdateCommand(update));
    },
  };
}

/** Names a list, for its cursors; the range moves with the time of each request. */
const listOf = (owner: AuditOwner) => `audit ${owner}`;

/** As long as the entry itself. */
const expiryOf = (entry: string): number =>
  expiresAfter(entry.slice(0, entry.indexOf('#')), AUDIT_DAYS + 2);
