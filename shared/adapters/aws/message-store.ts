import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import {
  recipientStates,
  type RecipientBatch,
  type Recipient,
} from '#shared/core/model/recipient-batch.ts';
import { mapLimited } from '#shared/async/limit.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import {
  type TimedHold,
  type MailContent,
  type Message,
  type MessageSignature,
  submissionChannels,
} from '#shared/core/model/message.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import type { Repair } from '#shared/core/mail/repair.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';
import { MESSAGE_DAYS, type MessageStore } from '#shared/app/ports/message-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import {
  conditionally,
  expiresAfter,
  isConditionFailed,
  putIfNew,
  queryAll,
  transact,
} from './dynamo.ts';
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
  content: optional(object<MailContent>({ etag: text(), sha256: text() })),
  channel: optional(oneOf(...submissionChannels)),
  // A code of a later release is still shown.
  repairs: optional(listOf(object<Repair>({ code: text(), detail: text() }))),
  signed: optional(
    object<Signed>({
      at: text(),
      signature: either(
        object<Key>({ domain: text(), selector: text(), keyId: text() }),
        oneOf('unsigned'),
      ),
    }),
  ),
  place: optional(number),
  held: optional(
    either(
      object<TimedHold>({
        code: oneOf('key-not-published', 'sending-paused'),
        since: text(),
        until: text(),
      }),
      object<SuspensionHold>({
        code: oneOf('account-suspended'),
        since: text(),
        suspension: text(),
      }),
    ),
  ),
});

/** Until release 0.2 the exit's id had the name `sesId`; it is written under both names for a release. */
interface StoredRecipientBatch extends RecipientBatch {
  readonly sesId?: string;
}

const recipientBatch = object<StoredRecipientBatch>({
  index: number,
  revision: number,
  state: oneOf('queued', 'sending', 'sent', 'unclear', 'refused'),
  attempt: number,
  unclearAttempts: number,
  leaseUntil: optional(text()),
  leaseBy: optional(text()),
  unclearSince: optional(text()),
  refusedAt: optional(text()),
  exitId: optional(text()),
  sesId: optional(text()),
  reason: optional(text()),
  recipients: listOf(
    object<Recipient>({
      address: text(),
      state: oneOf(...recipientStates),
      detail: optional(text()),
    }),
  ),
});

const MESSAGE = 'message';
const recipientBatchKey = (index: number) => `chunk#${String(index).padStart(4, '0')}`;
const partition = (tenant: TenantId, id: MessageId) => `${tenant}#${id}`;
/** The key of a message's own item. */
export const atMessage = (tenant: TenantId, id: MessageId) => ({
  pk: partition(tenant, id),
  sk: MESSAGE,
});

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
/** Queries of lists at once. */
const LISTS_AT_ONCE = 20;
/** Times are in digits. */
const AFTER_ALL_TIMES = 'a';

/** When DynamoDB may delete an item of a message: 90 days after it was made, in epoch seconds. */
const expiresAt = ({ createdAt }: Message) => expiresAfter(createdAt, MESSAGE_DAYS);

/**
 * The table `messages`: `<tenant>#<id>` / `message` holds the message and, where it has one recipient
 * batch, that too: an attempt then costs one write unit, and so does its signature. Several recipient
 * batches are items of their own, `chunk#0000` ..., as all were until release 0.2. The revision is
 * beside each. The message's item alone is in the index `recent`, which has keys only, so that nothing
 * that becomes of a message is written there again.
 *
 * @param table the table's name
 */
export function dynamoMessageStore(client: DynamoDBDocumentClient, table: string): MessageStore {
  const messageIn = (item: Item) => parse(message, item['message'], placeOf(table, item));
  const recipientBatchIn = (item: Item) =>
    asNamedNow(parse(recipientBatch, item['chunk'], placeOf(table, item)));

  const read = async (
    pk: string,
    sk: string,
    age: 'latest' | 'recent' = 'latest',
  ): Promise<Item | undefined> => {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: age === 'latest' }),
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

  /** @returns false where there is a message of that key */
  async function put(head: Item, batches: readonly RecipientBatch[]): Promise<boolean> {
    const [only, ...further] = batches;
    if (only !== undefined && further.length === 0) {
      return putIfNew(client, table, { ...head, revision: only.revision, chunk: only }, 'pk');
    }
    const items = [
      head,
      ...batches.map((each) => ({
        pk: head['pk'],
        sk: recipientBatchKey(each.index),
        expiresAt: head['expiresAt'],
        revision: each.revision,
        chunk: asStored(each),
      })),
    ];
    const writes = items.map((item) => ({
      Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
    }));
    try {
      await transact(client, `message ${String(head['pk'])}`, writes);
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
  }

  /** Writes a recipient batch into an item, where that has it in the revision before. */
  const move = (
    key: { readonly pk: string; readonly sk: string },
    next: RecipientBatch,
    signed: Message['signed'],
  ): Promise<boolean> =>
    update(`chunk ${next.index} of message ${key.pk}`, {
      Key: key,
      // The item's expiry stays as it was made.
      UpdateExpression: `SET #chunk = :chunk, #revision = :revision${signed === undefined ? '' : ', #message.#signed = if_not_exists(#message.#signed, :signed)'}`,
      ConditionExpression: '#revision = :before',
      ExpressionAttributeNames: {
        '#chunk': 'chunk',
        '#revision': 'revision',
        ...(signed === undefined ? {} : { '#message': 'message', '#signed': 'signed' }),
      },
      ExpressionAttributeValues: {
        ':chunk': key.sk === MESSAGE ? next : asStored(next),
        ':revision': next.revision,
        ':before': next.revision - 1,
        ...(signed === undefined ? {} : { ':signed': signed }),
      },
    });

  /** Beside recipient batches in items of their own. */
  const noteSigned = (
    key: { readonly pk: string; readonly sk: string },
    signed: NonNullable<Message['signed']>,
  ): Promise<boolean> =>
    update(`message ${key.pk}`, {
      Key: key,
      UpdateExpression: 'SET #message.#signed = :signed',
      ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#message.#signed)',
      ExpressionAttributeNames: { '#message': 'message', '#signed': 'signed' },
      ExpressionAttributeValues: { ':signed': signed },
    });

  return {
    async create(made, recipientBatches) {
      const pk = partition(made.tenant, made.id);
      const head = { pk, sk: MESSAGE, expiresAt: expiresAt(made), message: made, ...listed(made) };
      if (await put(head, recipientBatches)) return undefined;
      const existing = await read(pk, MESSAGE);
      // Only a message that expired between the two is not there.
      if (existing === undefined) throw new Conflict(`message ${made.id}`);
      return messageIn(existing);
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

    async recent({ tenant, domains, from = '', to = AFTER_ALL_TIMES }, { cursor, limit }) {
      // Of any of its lists: domains may come in between.
      const name = `messages of ${tenant}`;
      const before = cursor === undefined ? to : decodeCursor(name, cursor);
      // DynamoDB takes no range that ends before it begins.
      if (before < from) return { ids: [], cursors: [], cursor: undefined };
      const lists = domains.flatMap((domain) =>
        Array.from({ length: LISTS }, (_, list) => listName({ tenant, domain }, list)),
      );
      const pages = await mapLimited(lists, { tasks: LISTS_AT_ONCE }, (list) =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'recent',
            // Both ends are included; no message has the time alone.
            KeyConditionExpression: '#list = :list AND listedAt BETWEEN :from AND :before',
            ExpressionAttributeNames: { '#list': 'list' },
            ExpressionAttributeValues: { ':list': list, ':from': from || '0', ':before': before },
            ScanIndexForward: false,
            Limit: limit + 2,
          }),
        ),
      );
      const newest = pages
        .flatMap(({ Items: items = [] }) => items.map(({ listedAt }) => String(listedAt)))
        .filter((listedAt) => listedAt !== before)
        .toSorted()
        .toReversed();
      const page = newest.slice(0, limit);
      const cursors = page.map((listedAt) => encodeCursor(name, listedAt));
      return {
        ids: page.map((listedAt) => listedAt.slice(listedAt.indexOf('#') + 1) as MessageId),
        cursors,
        cursor: newest.length > limit ? cursors.at(-1) : undefined,
      };
    },

    async recipientBatch(tenant, id, index, age) {
      const pk = partition(tenant, id);
      const head = index === 0 ? await read(pk, MESSAGE, age) : undefined;
      if (head?.['chunk'] !== undefined) return recipientBatchIn(head);
      const item = await read(pk, recipientBatchKey(index), age);
      return item && recipientBatchIn(item);
    },

    async moveRecipientBatch(tenant, id, next, signed) {
      const head = atMessage(tenant, id);
      // Mostly it is the only one, and in the message's item: only that has a revision there.
      if (next.index === 0 && (await move(head, next, signed))) return true;
      if (signed !== undefined) await noteSigned(head, signed);
      return move({ pk: head.pk, sk: recipientBatchKey(next.index) }, next, undefined);
    },

    async notePlace(tenant, id, place) {
      await update(`message ${id}`, {
        Key: atMessage(tenant, id),
        UpdateExpression: 'SET #message.#place = :place',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#message': 'message', '#place': 'place' },
        ExpressionAttributeValues: { ':place': place },
      });
    },

    async noteHeld(tenant, id, held) {
      await update(`message ${id}`, {
        Key: atMessage(tenant, id),
        ...(held === undefined
          ? {
              UpdateExpression: 'REMOVE #message.#held',
              // Only such a hold has an end; that of a suspension stays.
              ConditionExpression: 'attribute_exists(#message.#held.#until)',
              ExpressionAttributeNames: {
                '#message': 'message',
                '#held': 'held',
                '#until': 'until',
              },
            }
          : {
              UpdateExpression: 'SET #message.#held = :held',
              ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#message.#held)',
              ExpressionAttributeNames: { '#message': 'message', '#held': 'held' },
              ExpressionAttributeValues: { ':held': held },
            }),
      });
    },
  };
}

function asNamedNow({ sesId, ...batch }: StoredRecipientBatch): RecipientBatch {
  return sesId === undefined || batch.exitId !== undefined ? batch : { ...batch, exitId: sesId };
}

const asStored = (batch: RecipientBatch): StoredRecipientBatch =>
  batch.exitId === undefined ? batch : { ...batch, sesId: batch.exitId };

const placeOf = (table: string, { pk, sk }: Item) => ({ table, key: { pk, sk } });
