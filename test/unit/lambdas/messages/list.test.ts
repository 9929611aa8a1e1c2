import { describe, expect, test } from 'vitest';
import { messagePage } from '#shared/api/routes/messages.ts';
import { newRecipientBatches, refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import { messageIdOf, type DomainName } from '#shared/core/model/names.ts';
import { countMessages } from '../../../../lambdas/messages/count.ts';
import { listMessages } from '../../../../lambdas/messages/list.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryMailCounts } from '../../../fakes/mail-counts.ts';
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

async function givenMessages() {
  const messages = new MemoryMessageStore();
  const mailCounts = new MemoryMailCounts();
  for (const index of [1, 2, 3]) {
    await messages.create(message(index), newRecipientBatches(recipients));
    await mailCounts.add({ ...message(index), day: '2026-11-20' }, 'api');
  }
  return { messages, mailCounts };
}

const idsOf = ({ messages }: { messages: readonly { id: string }[] }) =>
  messages.map(({ id }) => id);

describe('the list of messages', () => {
  test('has each with its status, its reasons and its recipients counted by state', async () => {
    const store = await givenMessages();
    const [, second] = newRecipientBatches(recipients);
    await store.messages.moveRecipientBatch(
      tenant,
      message(3).id,
      refuseRecipientBatch(second!, 'not verified', new Date()),
    );
    const page = await listMessages(store, { tenant, domain: 'Example.com.', limit: 2 });
    expect(messagePage.parse(page)).toEqual(page);
    expect(page.messages).toMatchObject([
      {
        id: message(3).id,
        status: 'refused',
        counts: { accepted: 50, refused: 1 },
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
        ...store,
        messages: {
          recent: (of, asked) => store.messages.recent(of, asked),
          get: async (...key) =>
            key[1] === message(2).id ? undefined : store.messages.get(...key),
        },
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

  describe('across domains', () => {
    const other = { ...message(4), domain: 'example.org' as DomainName, channel: 'smtp' as const };
    const asked = { tenant, limit: 10 };
    async function givenBoth() {
      const store = await givenMessages();
      await store.messages.create(other, newRecipientBatches(['Ann@example.net']));
      await store.mailCounts.add({ ...other, day: '2026-11-20' }, 'smtp');
      return store;
    }
    test('has the mails of all, in one order', async () => {
      const page = await listMessages(await givenBoth(), asked);
      expect(idsOf(page)).toEqual([4, 3, 2, 1].map((index) => message(index).id));
    });

    test.each([
      ['recipient', { recipient: 'ann@EXAMPLE.net' }, [4]],
      ['channel', { channel: 'smtp' as const }, [4]],
      ['status', { status: 'refused' as const }, [2]],
      ['time', { from: '2026-11-20T10:00:02Z', to: '2026-11-20T10:00:04Z' }, [3, 2]],
      ['all of it', { recipient: 'r0@example.net', domain: 'example.org' }, []],
    ])('is narrowed by %s', async (_, filter, found) => {
      const store = await givenBoth();
      for (const batch of newRecipientBatches(recipients)) {
        const refused = refuseRecipientBatch(batch, 'no', new Date());
        await store.messages.moveRecipientBatch(tenant, message(2).id, refused);
      }
      const page = await listMessages(store, { ...asked, ...filter });
      expect(idsOf(page)).toEqual(found.map((index) => message(index).id));
    });

    test('goes on after the last mail that was shown', async () => {
      const store = await givenBoth();
      const filter = { tenant, recipient: 'r0@example.net', limit: 2 };
      const first = await listMessages(store, filter);
      expect(idsOf(first)).toEqual([message(3).id, message(2).id]);
      const second = await listMessages(store, { ...filter, cursor: first.cursor! });
      expect([idsOf(second), second.cursor]).toEqual([[message(1).id], null]);
    });

    test('needs a domain where there are more than 50', async () => {
      const store = await givenMessages();
      for (let index = 0; index < 50; index += 1) {
        const domain = `d${index}.example` as DomainName;
        await store.mailCounts.add({ tenant, domain, day: '2026-11-20' }, 'api');
      }
      await expect(listMessages(store, asked)).rejects.toThrow(/give a "domain"/);
    });
  });
});

describe('a credential for some domains', () => {
  const boundTo = ['example.com' as DomainName];

  test('lists and counts the mail of these, and of no other', async () => {
    const store = await givenMessages();
    const of = (domain: string) => ({ tenant, domain, boundTo, limit: 10, days: 1 });
    expect((await listMessages(store, { tenant, boundTo, limit: 10 })).messages).toHaveLength(3);
    const others = { tenant, boundTo: ['other.example' as DomainName], limit: 10 };
    expect((await listMessages(store, others)).messages).toEqual([]);
    await expect(listMessages(store, of('other.example'))).rejects.toThrow('for example.com only');
    const ports = {
      mailCounts: store.mailCounts,
      reputations: { days: async () => [] },
      clock: { now: () => new Date('2026-11-20T12:00:00.000Z') },
    };
    expect((await countMessages(ports, of('example.com'))).total.api).toBe(3);
    await expect(countMessages(ports, of('other.example'))).rejects.toThrow('for example.com only');
  });
});
