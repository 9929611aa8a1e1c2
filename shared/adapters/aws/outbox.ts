import {
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { ENTRY_DAYS, minuteOf, type Outbox, type OutboxEntry } from '#shared/app/ports/outbox.ts';
import { expiresAfter } from './dynamo.ts';
import { object, parse, text, wholeReader } from './item.ts';
import { readable } from './readable.ts';

/** An hour has so many partitions, since one takes 1,000 writes a second. */
const PARTITIONS = 4;
const PAGE = 100;
const ID_PREFIX = 'm_';

/** Up to the hour and up to the minute: `2026-11-20T10`, `2026-11-20T10:01`. */
const hourOf = (at: Date): string => at.toISOString().slice(0, 13);
const minuteText = (at: Date): string => at.toISOString().slice(0, 16);

const partition = (at: Date, number: number) => `outbox#${hourOf(at)}#${number}`;
const DONE = { pk: 'outbox', sk: 'done' };

const entry = object<OutboxEntry>({ tenant: text(), id: text() });
const done = object<{ readonly minute: string }>({ minute: text() });

/** The outbox in the table `messages`: `outbox#<hour>#<0 to 3>` / `<minute>#<tenant>#<id>`. */
export function dynamoOutbox(client: DynamoDBDocumentClient, table: string): Outbox {
  const entryOf = wholeReader(table, entry, ['pk', 'sk']);
  return {
    async enter({ tenant, id }, at) {
      const minute = minuteOf(at);
      await client.send(
        new PutCommand({
          TableName: table,
          Item: {
            pk: partition(minute, id.charCodeAt(ID_PREFIX.length) % PARTITIONS),
            sk: `${minuteText(minute)}#${tenant}#${id}`,
            tenant,
            id,
            expiresAt: expiresAfter(minute.getTime(), ENTRY_DAYS),
          },
        }),
      );
    },

    async entries({ first, last }, cursor = '0 ') {
      const number = Number(cursor.slice(0, cursor.indexOf(' ')));
      const after = cursor.slice(cursor.indexOf(' ') + 1);
      const pk = partition(first, number);
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          // "$" comes after the "#" that follows the minute.
          ExpressionAttributeValues: {
            ':pk': pk,
            ':from': `${minuteText(first)}#`,
            ':to': `${minuteText(last)}$`,
          },
          ConsistentRead: true,
          Limit: PAGE,
          ExclusiveStartKey: after === '' ? undefined : { pk, sk: after },
        }),
      );
      const reached = page.LastEvaluatedKey?.['sk'] as string | undefined;
      const next = number + 1 < PARTITIONS ? `${number + 1} ` : undefined;
      return {
        entries: readable(page.Items ?? [], entryOf),
        cursor: reached === undefined ? next : `${number} ${reached}`,
      };
    },

    async doneUntil() {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: DONE, ConsistentRead: true }),
      );
      return item && new Date(parse(done, item, { table, key: DONE }).minute);
    },

    async noteDone(minute) {
      await client.send(
        new PutCommand({ TableName: table, Item: { ...DONE, minute: minute.toISOString() } }),
      );
    },
  };
}
