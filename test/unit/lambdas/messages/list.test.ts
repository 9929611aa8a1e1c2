import { describe, expect, test } from 'vitest';
import { messagePage } from '#shared/api/routes/messages.ts';
import { newRecipientBatches, refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import { messageIdOf, type DomainName } from '#shared/core/model/names.ts';
import { listMessages } from '../../../../lambdas/messages/list.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';

const tenant = givenTenant();
const message = (index: number): Message => ({
  tenant,
  id: messageIdOf(new Uint8Array(16).fill(index)),
  domain: 'example.com' as DomainName,
  createdAt: `2026-11-20T10:00:0${index}.000Z`,
  size: 10,
  fingerprint: 'f',
});
const recipients = Array.from({ length: 51 }, (_, index) => `r${index}@example.net`);

async function givenMessages(): Promise<MemoryMessageStore> {
  const store = new MemoryMessageStore();
  for (const index of [1, 2, 3])
    await store.create(message(index), newRecipientBatches(recipients));
  return store;
}

describe('the list of messages', () => {
  test('has each with its status, its reasons and its recipients counted by state', async () => {
    const store = await givenMessages();
    const [, second] = newRecipientBatches(recipients);
    await store.moveRecipientBatch(
      tenant,
      message(3).id,
      refuseRecipientBatch(second!, 'not verified', new Date()),
    );
    const page = await listMessages(store, { tenant, domain: 'Example.com.', limit: 2 });
    expect(messagePage.parse(page)).toEqual(page);
    expect(page.messages).toMatchObject([
      {
        id: message(3).id,
        status: 'accepted',
        to: 'r0@example.net',
        reasons: ['not verified'],
        recipients: [
          { state: 'accepted', count: 50 },
          { state: 'refused', count: 1 },
        ],
      },
      { id: message(2).id, reasons: [] },
    ]);
    const cursor = page.cursor!;
    const rest = await listMessages(store, { tenant, domain: 'example.com', limit: 2, cursor });
    expect(rest).toMatchObject({ messages: [{ id: message(1).id }], cursor: null });
  });

  test('leaves out one that expired between the index and the message', async () => {
    const store = await givenMessages();
    const page = await listMessages(
      {
        recent: (of, asked) => store.recent(of, asked),
        get: async (...key) => (key[1] === message(2).id ? undefined : store.get(...key)),
      },
      { tenant, domain: 'example.com', limit: 10 },
    );
    expect(page.messages.map(({ id }) => id)).toEqual([message(3).id, message(1).id]);
  });

  test('is empty for another tenant, and refuses what is no domain', async () => {
    const store = await givenMessages();
    const asked = { tenant: givenTenant(), domain: 'example.com', limit: 10 };
    expect(await listMessages(store, asked)).toEqual({ messages: [], cursor: null });
    await expect(listMessages(store, { ...asked, domain: '-' })).rejects.toThrow(Refusal);
  });
});
