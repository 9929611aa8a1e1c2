import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { RecipientBatch, Recipient } from '#shared/core/model/recipient-batch.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Message, MessageHold, MessageSignature } from '#shared/core/model/message.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import { MESSAGE_DAYS, type MessageStore } from '#shared/app/ports/message-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { conditionally, expiresAfter, isConditionFailed, queryAll, transact } from './dynamo.ts';
import { either, listOf, number, object, oneOf, optional, parse, text, type Item } from './item.ts';

type Key = Exclude<MessageSignature, 'unsigned'>;
type Signed = NonNullable<Message['signed']>;

const message = object<Message>({
  tenant: text(),
  id: text(),
  domain: text(),
  senderDomain: optional(text()),
  createdAt: text(),
  size: number,
  fingerprint: text(),
  signed: optional(
    object<Signed>({
      at: text(),
      signature: either(
        object<Key>({ domain: text(), selector: text(), keyId: text() }),
        oneOf('unsigned'),
      ),
    }),
  ),
  held: optional(
    object<MessageHold>({ code: oneOf('key-not-published'), since: text(), until: text() }),
  ),
});

const recipientBatch = object<RecipientBatch>({
  index: number,
  revision: number,
  state: oneOf('queued', 'sending', 'sent', 'unclear', 'refused'),
  attempt: number,
  unclearAttempts: number,
  leaseUntil: optional(text()),
  leaseBy: optional(text()),
  unclearSince: optional(text()),
  refusedAt: optional(text()),
  sesId: optional(text()),
  reason: optional(text()),
  recipients: listOf(
    object<Recipient>({
      address: text(),
      state: oneOf(
        'accepted',
        'sent',
        'delayed',
        'soft-bounced',
        'delivered',
        'bounced',
        'complained',
        'rejected',
      ),
      detail: optional(text()),
    }),
  ),
});

const MESSAGE = 'message';
const recipientBatchKey = (index: number) => `chunk#${String(index).padStart(4, '0')}`;
const partition = (tenant: TenantId, id: MessageId) => `${tenant}#${id}`;

/**
 * A tenant's messages from one domain have so many partitions of the index, since one takes 1,000
 * writes a second. An index that throttles throttles its table.
 */
const LISTS = 4;
const listName = ({ tenant, domain }: Pick<Message, 'tenant' | 'domain'>, list: number) =>
  `${tenant}#${domain}#${list}`;

/** Returns a message's key in the index `recent`: the list by its random id, the order by time. */
const listed = (made: Message) => ({
  list: listName(made, made.id.charCodeAt(ID_PREFIX.length) % LISTS),
  listedAt: `${made.createdAt}#${made.id}`,
});
const ID_PREFIX = 'm_';
/** Times are in digits. */
const AFTER_ALL_TIMES = 'a';

/** When DynamoDB may delete an item of a message: 90 days after it was made, in epoch seconds. */
const expiresAt = ({ createdAt }: Message) => expiresAfter(createdAt, MESSAGE_DAYS);

/**
 * The table `messages`: `<tenant>#<id>` / `message` holds the message, `chunk#0000` ... its recipient batches,
 * each with its revision beside it. The message's item alone is in the index `recent`, which has
 * keys only, so that nothing that becomes of a message is written there again.
 *
 * @param table the table's name
 */
export function dynamoMessageStore(client: DynamoDBDocumentClient, table: string): MessageStore {
  const messageIn = (item: Item) => parse(message, item['message'], placeOf(table, item));
  const recipientBatchIn = (item: Item) =>
    parse(recipientBatch, item['chunk'], placeOf(table, item));

  const read = async (pk: string, sk: string): Promise<Item | undefined> => {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true }),
    );
    return item;
  };

  /** @returns false where the condition did not hold */
  const update = (what: string, input: Omit<UpdateCommandInput, 'TableName'>): Promise<boolean> =>
    conditionally(what, async () => {
      try {
        await client.send(new UpdateCommand({ TableName: table, ...input }));
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    });

  return {
    async create(made, recipientBatches) {
      const pk = partition(made.tenant, made.id);
      const put = (item: Item) => ({
        Put: {
          TableName: table,
          Item: { pk, expiresAt: expiresAt(made), ...item },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      });
      try {
        await transact(client, `message ${made.id}`, [
          put({ sk: MESSAGE, message: made, ...listed(made) }),
          ...recipientBatches.map((each) =>
            put({ sk: recipientBatchKey(each.index), revision: each.revision, chunk: each }),
          ),
        ]);
        return undefined;
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        const existing = await read(pk, MESSAGE);
        if (existing === undefined) throw error;
        return messageIn(existing);
      }
    },

    async get(tenant, id) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(tenant, id) },
        ConsistentRead: true,
      });
      const head = items.find(({ sk }) => sk === MESSAGE);
      if (head === undefined) return undefined;
      const recipientBatches = items
        .filter((item) => item['chunk'] !== undefined)
        .map(recipientBatchIn);
      return { message: messageIn(head), recipientBatches };
    },

    async recent(of, { cursor, limit }) {
      const name = `messages of ${of.tenant} from ${of.domain}`;
      const before = cursor === undefined ? AFTER_ALL_TIMES : decodeCursor(name, cursor);
      const pages = await Promise.all(
        Array.from({ length: LISTS }, (_, list) =>
          client.send(
            new QueryCommand({
              TableName: table,
              IndexName: 'recent',
              KeyConditionExpression: '#list = :list AND listedAt < :before',
              ExpressionAttributeNames: { '#list': 'list' },
              ExpressionAttributeValues: { ':list': listName(of, list), ':before': before },
              ScanIndexForward: false,
              Limit: limit + 1,
            }),
          ),
        ),
      );
      const newest = pages
        .flatMap(({ Items: items = [] }) => items.map(({ listedAt }) => String(listedAt)))
        .toSorted()
        .toReversed();
      const page = newest.slice(0, limit);
      const last = page.at(-1);
      const more = newest.length > limit && last !== undefined;
      return {
        ids: page.map((listedAt) => listedAt.slice(listedAt.indexOf('#') + 1) as MessageId),
        cursor: more ? encodeCursor(name, last) : undefined,
      };
    },

    async recipientBatch(tenant, id, index) {
      const item = await read(partition(tenant, id), recipientBatchKey(index));
      return item && recipientBatchIn(item);
    },

    async moveRecipientBatch(tenant, id, next) {
      return update(`chunk ${next.index} of message ${id}`, {
        Key: { pk: partition(tenant, id), sk: recipientBatchKey(next.index) },
        // The item's expiry stays as it was made.
        UpdateExpression: 'SET #chunk = :chunk, #revision = :revision',
        ConditionExpression: '#revision = :before',
        ExpressionAttributeNames: { '#chunk': 'chunk', '#revision': 'revision' },
        ExpressionAttributeValues: {
          ':chunk': next,
          ':revision': next.revision,
          ':before': next.revision - 1,
        },
      });
    },

    async noteSigned(tenant, id, signed) {
      await update(`message ${id}`, {
        Key: { pk: partition(tenant, id), sk: MESSAGE },
        UpdateExpression: 'SET #message.#signed = :signed',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#message.#signed)',
        ExpressionAttributeNames: { '#message': 'message', '#signed': 'signed' },
        ExpressionAttributeValues: { ':signed': signed },
      });
    },

    async noteHeld(tenant, id, held) {
      await update(`message ${id}`, {
        Key: { pk: partition(tenant, id), sk: MESSAGE },
        ExpressionAttributeNames: { '#message': 'message', '#held': 'held' },
        ...(held === undefined
          ? {
              UpdateExpression: 'REMOVE #message.#held',
              ConditionExpression: 'attribute_exists(pk)',
            }
          : {
              UpdateExpression: 'SET #message.#held = :held',
              ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#message.#held)',
              ExpressionAttributeValues: { ':held': held },
            }),
      });
    },
  };
}

const placeOf = (table: string, { pk, sk }: Item) => ({ table, key: { pk, sk } });
