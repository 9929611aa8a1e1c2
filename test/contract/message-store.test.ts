import { randomBytes } from 'node:crypto';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
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
import { messageDocumentOf } from '../../lambdas/messages/document.ts';
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
  range: { readonly from?: string; readonly to?: string } = {},
  domains: readonly DomainName[] = ['example.com' as DomainName],
): Promise<MessageId[]> => {
  const ids: MessageId[] = [];
  let cursor: string | undefined;
  do {
    const of = { tenant, domains, ...range };
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

  test('a message keeps the repairs that were made to its mail; mostly there are none', async () => {
    const repairs = [{ code: 'line-ends' as const, detail: 'Line ends were made CRLF.' }];
    const [plain, repaired] = [await created(), await created(1, { repairs })];
    expect((await store.get(...repaired.key))?.message.repairs).toEqual(repairs);
    expect((await store.get(...plain.key))?.message).not.toHaveProperty('repairs');
  });

  test('a message keeps its place in line; one that is gone gets none', async () => {
    const { message, key } = await created();
    await store.notePlace(...key, 7.25);
    expect((await store.get(...key))?.message).toEqual({ ...message, place: 7.25 });
    const gone = messageIdOf(randomBytes(16));
    await store.notePlace(message.tenant, gone, 1);
    expect(await store.get(message.tenant, gone)).toBeUndefined();
  });

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

    test('lists several domains as one, and those of a time', async () => {
      const tenant = givenTenant();
      const domains = ['example.com', 'example.org'] as DomainName[];
      const made: Message[] = [];
      for (const second of [1, 2, 3, 4]) {
        const createdAt = new Date(now.getTime() + second * 1000).toISOString();
        const id = messageIdOf(randomBytes(16));
        const domain = domains[second % 2]!;
        made.push((await created(1, { tenant, createdAt, id, domain })).message);
      }
      const ids = made.map(({ id }) => id).toReversed();
      expect(await idsOf(store, tenant, 1, {}, domains)).toEqual(ids);
      const [, second, , fourth] = made;
      const range = { from: second!.createdAt, to: fourth!.createdAt };
      expect(await idsOf(store, tenant, 1, range, domains)).toEqual(ids.slice(1, 3));
      const never = { from: fourth!.createdAt, to: second!.createdAt };
      expect(await idsOf(store, tenant, 5, never, domains)).toEqual([]);
      const page = await store.recent({ tenant, domains }, { limit: 3 });
      const [first] = page.cursors;
      const rest = await store.recent({ tenant, domains }, { limit: 3, cursor: first! });
      expect(rest.ids).toEqual(ids.slice(1));
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
      const begun = beginAttempt(recipientBatches[0]!, lease);
      expect(await store.moveRecipientBatch(...key, begun, signed('zero'))).toBe(true);
      expect(await idsOf(store, message.tenant, 10)).toEqual([message.id]);
    });

    test('refuses a cursor of another list', async () => {
      const [one, other] = [await created(), await created()];
      const domain = 'example.com' as DomainName;
      await created(1, { tenant: one.message.tenant });
      const { cursor } = await store.recent({ ...one.message, domains: [domain] }, { limit: 1 });
      await expect(
        store.recent({ ...other.message, domains: [domain] }, { limit: 1, cursor: cursor! }),
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
      const [begun] = newRecipientBatches(addresses(1)).map((each) => beginAttempt(each, lease));
      expect(await store.moveRecipientBatch(stranger, message.id, begun!, signed('zero'))).toBe(
        false,
      );
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
      const sent = endAttempt(begun, 1, { kind: 'sent', exitId: 'ses-1' }, now);
      const delivered = applyEvents(sent, [
        {
          state: 'delivered',
          addresses: addresses(1),
          attempt: 1,
          exitId: 'ses-1',
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

  test.each([1, 60])('the first signature stays, of %i recipients', async (count) => {
    const { message, recipientBatches, key } = await created(count);
    const begun = beginAttempt(recipientBatches[0]!, lease);
    await store.moveRecipientBatch(...key, begun, signed('zero'));
    const again = beginAttempt(begun, lease);
    await store.moveRecipientBatch(...key, again, signed('one'));
    expect(await store.get(...key)).toEqual({
      message: { ...message, signed: signed('zero') },
      recipientBatches: [again, ...recipientBatches.slice(1)],
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
    const recipientBatches = newRecipientBatches(addresses(60));
    await store.create(message, recipientBatches);
    const begun = beginAttempt(recipientBatches[0]!, lease);
    await store.moveRecipientBatch(message.tenant, message.id, begun, signed('zero'));
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

  test('a message of up to 50 recipients is one item, whose attempt notes the signature too', async () => {
    const store = dynamoMessageStore(dynamo.client, dynamo.tables.messages);
    const message = givenMessage();
    const [batch] = newRecipientBatches(addresses(50));
    await store.create(message, [batch!]);
    const begun = beginAttempt(batch!, lease);
    await store.moveRecipientBatch(message.tenant, message.id, begun, signed('zero'));
    const { Items: items } = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.messages,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `${message.tenant}#${message.id}` },
      }),
    );
    expect(items).toMatchObject([
      { sk: 'message', revision: 2, message: { signed: signed('zero') }, chunk: begun },
    ]);
  });

  test('a message of release 0.2 is read: it has no repairs', async () => {
    const store = dynamoMessageStore(dynamo.client, dynamo.tables.messages);
    const tenant = givenTenant();
    const id = 'm_aeaqcaibaeaqcaibaeaqcaibae' as MessageId;
    const message = {
      tenant,
      id,
      domain: 'example.com',
      senderDomain: 'news.example.com',
      createdAt: '2026-11-20T10:00:00.000Z',
      size: 1234,
      fingerprint: 'f'.repeat(64),
      signed: {
        at: '2026-11-20T10:00:01.000Z',
        signature: { domain: 'example.com', selector: 'zero', keyId: 'k_a' },
      },
    };
    const item = { pk: `${tenant}#${id}`, sk: 'message', message, expiresAt: 1_802_944_800 };
    await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.messages, Item: item }));
    const stored = await store.get(tenant, id);
    expect(stored).toEqual({ message, recipientBatches: [] });
    expect(messageDocumentOf(stored!).repairs).toEqual([]);
  });

  test('a recipient batch of release 0.2 is read, and moved on under both names of its id', async () => {
    const store = dynamoMessageStore(dynamo.client, dynamo.tables.messages);
    const message = givenMessage();
    const pk = `${message.tenant}#${message.id}`;
    const recipients = [{ address: 'a@example.net', state: 'sent' }];
    const chunk = {
      index: 0,
      revision: 3,
      state: 'sent',
      attempt: 1,
      unclearAttempts: 0,
      sesId: '0107-1',
      recipients,
    };
    for (const item of [
      { pk, sk: 'message', message },
      { pk, sk: 'chunk#0000', revision: 3, chunk },
    ]) {
      await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.messages, Item: item }));
    }
    const { sesId, ...rest } = chunk;
    expect(await store.recipientBatch(message.tenant, message.id, 0)).toEqual({
      ...rest,
      exitId: sesId,
    });
    const stored = await store.get(message.tenant, message.id);
    const moved = applyEvents(stored!.recipientBatches[0]!, [
      {
        state: 'delivered',
        addresses: ['a@example.net'],
        attempt: 1,
        exitId: sesId,
        at: now.toISOString(),
      },
    ]);
    expect(await store.moveRecipientBatch(message.tenant, message.id, moved)).toBe(true);
    const { Item: item } = await dynamo.client.send(
      new GetCommand({ TableName: dynamo.tables.messages, Key: { pk, sk: 'chunk#0000' } }),
    );
    expect(item?.['chunk']).toMatchObject({ exitId: sesId, sesId, revision: 4 });
    expect(await store.recipientBatch(message.tenant, message.id, 0)).toEqual(moved);
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
