import { randomBytes } from 'node:crypto';
import { UpdateCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import {
  applyEvents,
  beginAttempt,
  endAttempt,
  newRecipientBatches,
} from '#shared/core/model/recipient-batch.ts';
import type { Message } from '#shared/core/model/message.ts';
import {
  messageIdOf,
  type DomainName,
  type KeyId,
  type MessageId,
  type Selector,
  type TenantId,
} from '#shared/core/model/names.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryMessageStore } from '../fakes/message-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

const held = (since: string) =>
  ({ code: 'key-not-published', since, until: '2026-08-01T04:00:00.000Z' }) as const;

const now = new Date('2026-11-20T10:00:00.000Z');
const lease = { until: now, by: 'me' };
let ids = 0;

function givenMessage(changes: Partial<Message> = {}): Message {
  return {
    tenant: givenTenant(),
    id: messageIdOf(new Uint8Array(16).fill((ids += 1))),
    domain: 'example.com' as DomainName,
    createdAt: now.toISOString(),
    size: 1234,
    fingerprint: 'f'.repeat(64),
    ...changes,
  };
}

const addresses = (count: number) => Array.from({ length: count }, (_, i) => `r${i}@example.net`);
const signed = (selector: string) => ({
  at: now.toISOString(),
  signature: {
    domain: 'example.com' as DomainName,
    selector: selector as Selector,
    keyId: 'k_a' as KeyId,
  },
});

/** All of a list, page by page. */
const idsOf = async (
  store: MessageStore,
  tenant: TenantId,
  limit: number,
): Promise<MessageId[]> => {
  const ids: MessageId[] = [];
  let cursor: string | undefined;
  do {
    const of = { tenant, domain: 'example.com' as DomainName };
    const page = await store.recent(of, { limit, ...(cursor && { cursor }) });
    expect(page.ids.length).toBeLessThanOrEqual(limit);
    ids.push(...page.ids);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return ids;
};

function contract(make: () => MessageStore) {
  let store: MessageStore;
  beforeEach(() => {
    store = make();
  });
  const created = async (recipients = 1, changes: Partial<Message> = {}) => {
    const message = givenMessage(changes);
    const recipientBatches = newRecipientBatches(addresses(recipients));
    expect(await store.create(message, recipientBatches)).toBeUndefined();
    return { message, recipientBatches, key: [message.tenant, message.id] as const };
  };

  describe('recent', () => {
    test('lists a tenant’s messages from a domain, newest first, each once, in pages of any size', async () => {
      const tenant = givenTenant();
      const made: Message[] = [];
      for (const second of [5, 3, 3, 9, 1, 7, 7, 7]) {
        const createdAt = new Date(now.getTime() + second * 1000).toISOString();
        const id = messageIdOf(randomBytes(16));
        made.push((await created(51, { tenant, createdAt, id })).message);
      }
      const newestFirst = made
        .map(({ createdAt, id }) => [createdAt, id] as const)
        .toSorted(([one, id], [other, otherId]) =>
          one === other ? (id < otherId ? 1 : -1) : one < other ? 1 : -1,
        )
        .map(([, id]) => id);
      for (const limit of [1, 2, 3, 8, 50])
        expect(await idsOf(store, tenant, limit)).toEqual(newestFirst);
    });

    test('lists nothing of another tenant’s or another domain’s, and one that came twice once', async () => {
      const { message, recipientBatches } = await created();
      await created(1, { tenant: message.tenant, domain: 'example.co' as DomainName });
      await created();
      await store.create(message, recipientBatches);
      expect(await idsOf(store, message.tenant, 10)).toEqual([message.id]);
      expect(await idsOf(store, givenTenant(), 10)).toEqual([]);
    });

    test('keeps a message listed in every state', async () => {
      const { message, recipientBatches, key } = await created();
      await store.noteSigned(...key, signed('zero'));
      expect(
        await store.moveRecipientBatch(...key, beginAttempt(recipientBatches[0]!, lease)),
      ).toBe(true);
      expect(await idsOf(store, message.tenant, 10)).toEqual([message.id]);
    });

    test('refuses a cursor of another list', async () => {
      const [one, other] = [await created(), await created()];
      const domain = 'example.com' as DomainName;
      await created(1, { tenant: one.message.tenant });
      const { cursor } = await store.recent({ ...one.message, domain }, { limit: 1 });
      await expect(
        store.recent({ ...other.message, domain }, { limit: 1, cursor: cursor! }),
      ).rejects.toThrow(Refusal);
    });
  });

  describe('create and get', () => {
    test('a message is read back with its recipient batches in order, 1,000 recipients too', async () => {
      const { message, recipientBatches, key } = await created(1000);
      expect(await store.get(...key)).toEqual({ message, recipientBatches });
    });

    test('optional fields are read back', async () => {
      const senderDomain = 'news.example' as DomainName;
      const { message, key } = await created(1, { senderDomain });
      expect((await store.get(...key))?.message).toEqual(message);
    });

    test('a second message of the same id changes nothing and gets the first', async () => {
      const { message, recipientBatches, key } = await created(60);
      const other = { ...message, fingerprint: 'other' };
      expect(await store.create(other, newRecipientBatches(addresses(120)))).toEqual(message);
      expect(await store.get(...key)).toEqual({ message, recipientBatches });
    });

    test('of ten at once, one is made', async () => {
      const message = givenMessage();
      const tries = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          store.create({ ...message, size: i }, newRecipientBatches(addresses(2))),
        ),
      );
      expect(tries.filter((existing) => existing === undefined)).toHaveLength(1);
    });

    test('another tenant finds nothing under the id', async () => {
      const { message } = await created();
      const stranger = givenTenant();
      expect(await store.get(stranger, message.id)).toBeUndefined();
      expect(await store.recipientBatch(stranger, message.id, 0)).toBeUndefined();
      await store.noteSigned(stranger, message.id, signed('zero'));
      expect(await store.get(stranger, message.id)).toBeUndefined();
    });

    test('what never was is not there', async () => {
      const { message } = await created();
      expect(await store.get(message.tenant, 'm_none' as MessageId)).toBeUndefined();
      expect(await store.recipientBatch(message.tenant, message.id, 1)).toBeUndefined();
    });
  });

  describe('a hold', () => {
    test('is noted once, until it ends', async () => {
      const { message, recipientBatches, key } = await created();
      await store.noteHeld(...key, held('2026-08-01T00:00:00.000Z'));
      await store.noteHeld(...key, held('2026-08-01T01:00:00.000Z'));
      expect(await store.get(...key)).toEqual({
        message: { ...message, held: held('2026-08-01T00:00:00.000Z') },
        recipientBatches,
      });
      await store.noteHeld(...key, undefined);
      expect((await store.get(...key))?.message).toEqual(message);
    });

    test('of a message that is gone is not noted', async () => {
      const { message } = await created();
      const gone = 'm_none' as MessageId;
      await store.noteHeld(message.tenant, gone, held('2026-08-01T00:00:00.000Z'));
      await store.noteHeld(message.tenant, gone, undefined);
      expect(await store.get(message.tenant, gone)).toBeUndefined();
    });
  });

  describe('moveRecipientBatch', () => {
    test('writes the next revision, once', async () => {
      const { recipientBatches, key } = await created(60);
      const begun = beginAttempt(recipientBatches[1]!, lease);
      expect(await store.moveRecipientBatch(...key, begun)).toBe(true);
      expect(await store.moveRecipientBatch(...key, begun)).toBe(false);
      expect(await store.recipientBatch(...key, 1)).toEqual(begun);
      expect(await store.recipientBatch(...key, 0)).toEqual(recipientBatches[0]);
    });

    test('of ten at once, one wins', async () => {
      const { recipientBatches, key } = await created();
      const moves = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          store.moveRecipientBatch(
            ...key,
            beginAttempt(recipientBatches[0]!, { ...lease, by: `sender ${i}` }),
          ),
        ),
      );
      expect(moves.filter(Boolean)).toHaveLength(1);
    });

    test('what a state does not have any more is gone', async () => {
      const { recipientBatches, key } = await created();
      const begun = beginAttempt(recipientBatches[0]!, lease);
      const sent = endAttempt(begun, 1, { kind: 'sent', sesId: 'ses-1' }, now);
      const delivered = applyEvents(sent, [
        {
          state: 'delivered',
          addresses: addresses(1),
          attempt: 1,
          sesId: 'ses-1',
          at: now.toISOString(),
          detail: '250 ok',
        },
      ]);
      for (const recipientBatch of [begun, sent, delivered]) {
        expect(await store.moveRecipientBatch(...key, recipientBatch)).toBe(true);
        expect(await store.recipientBatch(...key, 0)).toStrictEqual(recipientBatch);
      }
    });

    test('of a message that is not there moves nothing and makes nothing', async () => {
      const { tenant, id } = givenMessage();
      const [recipientBatch] = newRecipientBatches(addresses(1));
      expect(await store.moveRecipientBatch(tenant, id, beginAttempt(recipientBatch!, lease))).toBe(
        false,
      );
      expect(await store.recipientBatch(tenant, id, 0)).toBeUndefined();
    });
  });

  test('the first signature stays', async () => {
    const { message, recipientBatches, key } = await created();
    await store.noteSigned(...key, signed('zero'));
    await store.noteSigned(...key, signed('one'));
    expect(await store.get(...key)).toEqual({
      message: { ...message, signed: signed('zero') },
      recipientBatches,
    });
  });
}

describe('in memory', () => {
  contract(() => new MemoryMessageStore());
});

describe('on DynamoDB', () => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoMessageStore(dynamo.client, dynamo.tables.messages));

  test('items expire 90 days after the message was made, however often they are written', async () => {
    const store = dynamoMessageStore(dynamo.client, dynamo.tables.messages);
    const message = givenMessage();
    const [recipientBatch] = newRecipientBatches(addresses(1));
    await store.create(message, [recipientBatch!]);
    await store.moveRecipientBatch(
      message.tenant,
      message.id,
      beginAttempt(recipientBatch!, lease),
    );
    await store.noteSigned(message.tenant, message.id, signed('zero'));
    const expiry = Date.parse('2027-02-18T10:00:00.000Z') / 1000;
    for (const sk of ['message', 'chunk#0000']) {
      const { Item: item } = await dynamo.client.send(
        new GetCommand({
          TableName: dynamo.tables.messages,
          Key: { pk: `${message.tenant}#${message.id}`, sk },
        }),
      );
      expect(item?.['expiresAt']).toBe(expiry);
    }
  });

  test('a message that fills several pages is read in whole', async () => {
    const store = dynamoMessageStore(dynamo.client, dynamo.tables.messages);
    const message = givenMessage();
    const recipientBatches = newRecipientBatches(addresses(1000));
    await store.create(message, recipientBatches);
    for (const { index } of recipientBatches) {
      await dynamo.client.send(
        new UpdateCommand({
          TableName: dynamo.tables.messages,
          Key: {
            pk: `${message.tenant}#${message.id}`,
            sk: `chunk#${String(index).padStart(4, '0')}`,
          },
          UpdateExpression: 'SET padding = :padding',
          ExpressionAttributeValues: { ':padding': 'x'.repeat(300_000) },
        }),
      );
    }
    expect(await store.get(message.tenant, message.id)).toEqual({ message, recipientBatches });
  });
});
