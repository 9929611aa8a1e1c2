import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoHeldMessages } from '#shared/adapters/aws/held-messages.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import type { HeldMessages } from '#shared/app/ports/held-messages.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { TimedHold, Message } from '#shared/core/model/message.ts';
import { messageIdOf, type DomainName } from '#shared/core/model/names.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryHeldMessages } from '../fakes/held-messages.ts';
import { MemoryMessageStore } from '../fakes/message-store.ts';
import { MemoryTenantStore } from '../fakes/tenant-store.ts';
import { startDynamo } from '../support/dynamo.ts';

interface Stores {
  readonly held: HeldMessages;
  readonly messages: MessageStore;
  readonly tenants: TenantStore;
  readonly close: () => Promise<void>;
}

const adapters: Record<string, () => Promise<Stores>> = {
  'in memory': async () => {
    const messages = new MemoryMessageStore();
    const tenants = new MemoryTenantStore();
    const held = new MemoryHeldMessages(messages, tenants);
    return { held, messages, tenants, close: async () => {} };
  },
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    const { client, tables } = dynamo;
    return {
      held: dynamoHeldMessages(client, tables),
      messages: dynamoMessageStore(client, tables.messages),
      tenants: dynamoTenantStore(client, tables.tenants, dynamo.trail),
      close: () => dynamo.close(),
    };
  },
};

const first = '2026-11-20T10:00:00.000Z';
const second = '2026-11-21T10:00:00.000Z';
const holdOf = (suspension: string) =>
  ({ code: 'account-suspended', since: '2026-11-22T00:00:00.000Z', suspension }) as const;
const keyHold: TimedHold = { code: 'key-not-published', since: first, until: second };

describe.each(Object.entries(adapters))('HeldMessages %s', (_name, start) => {
  let stores: Stores;
  let tenant: Tenant;
  let ids = 0;

  async function setState(state: TenantState): Promise<void> {
    await stores.tenants.changeState(tenant, state);
    tenant = { ...tenant, state };
  }
  const suspend = (since: string) => setState({ status: 'suspended', since });

  async function givenMessage(createdAt = first): Promise<Message> {
    ids += 1;
    const message: Message = {
      tenant: tenant.id,
      id: messageIdOf(new Uint8Array(16).fill(ids)),
      domain: 'example.com' as DomainName,
      createdAt,
      size: 1,
      fingerprint: 'f',
    };
    await stores.messages.create(message, newRecipientBatches(['a@example.net']));
    return message;
  }
  const heldOf = async ({ tenant: of, id }: Message) =>
    (await stores.messages.get(of, id))?.message.held;
  const listed = async () => (await stores.held.list(tenant.id)).messages;

  beforeEach(async () => {
    stores = await start();
    tenant = { id: givenTenant(), name: 'Acme', createdAt: first };
    const { id } = tenant;
    const key = { tenant: id, prefix: 'sd_', scopes: ['messages'], createdAt: first } as const;
    await stores.tenants.create(tenant, { hash: 'h', ...key });
  });
  afterEach(() => stores.close());

  test('a mail is held, and listed oldest first, while its tenant is under that suspension', async () => {
    const later = await givenMessage(second);
    const message = await givenMessage(first);
    expect(await stores.held.hold(message, holdOf(first))).toBe(false);
    await suspend(first);
    expect(await stores.held.hold(message, holdOf(second))).toBe(false);
    expect(await listed()).toEqual([]);
    for (const each of [later, message, message]) {
      expect(await stores.held.hold(each, holdOf(first))).toBe(true);
    }
    expect(await heldOf(message)).toEqual(holdOf(first));
    expect(await listed()).toMatchObject(
      [message, later].map(({ id, createdAt }) => ({
        tenant: tenant.id,
        id,
        createdAt,
        suspension: first,
      })),
    );
    expect((await stores.held.list(givenTenant())).messages).toEqual([]);
    await setState({ status: 'closed', since: first });
    expect(await stores.held.hold(message, holdOf(first))).toBe(false);
  });

  test('a mail that is gone is not held', async () => {
    await suspend(first);
    const message = await givenMessage();
    const gone = { ...message, id: messageIdOf(new Uint8Array(16).fill(255)) };
    expect(await stores.held.hold(gone, holdOf(first))).toBe(false);
    expect(await listed()).toEqual([]);
  });

  test('the end of another suspension’s hold, or of a hold for DNS, leaves it', async () => {
    await suspend(first);
    const message = await givenMessage();
    await stores.held.hold(message, holdOf(first));
    await stores.held.endHold(message, second);
    await stores.messages.noteHeld(message.tenant, message.id, undefined);
    expect(await heldOf(message)).toEqual(holdOf(first));
    await stores.held.endHold(message, first);
    expect(await heldOf(message)).toBeUndefined();
    await stores.held.endHold(message, first);
  });

  test('a suspension takes the place of a hold for DNS, not the other way round', async () => {
    await suspend(first);
    const message = await givenMessage();
    await stores.messages.noteHeld(message.tenant, message.id, keyHold);
    expect(await stores.held.hold(message, holdOf(first))).toBe(true);
    await stores.messages.noteHeld(message.tenant, message.id, keyHold);
    expect(await heldOf(message)).toEqual(holdOf(first));
  });

  test('a mail that another suspension holds by now stays listed', async () => {
    await suspend(first);
    const message = await givenMessage();
    await stores.held.hold(message, holdOf(first));
    const before = await listed();
    await suspend(second);
    await stores.held.hold(message, holdOf(second));
    await stores.held.forget(before);
    expect(await listed()).toMatchObject([{ id: message.id, suspension: second }]);
    await stores.held.forget(await listed());
    expect(await listed()).toEqual([]);
    await stores.held.forget(before);
  });

  test('a long list comes in pages', async () => {
    await suspend(first);
    const messages: Message[] = [];
    for (let index = 0; index < 105; index += 1) {
      const createdAt = new Date(Date.parse(first) + index).toISOString();
      messages.push(await givenMessage(createdAt));
    }
    await Promise.all(messages.map((message) => stores.held.hold(message, holdOf(first))));
    const page = await stores.held.list(tenant.id);
    expect(page.messages).toHaveLength(100);
    const rest = await stores.held.list(tenant.id, page.cursor);
    expect([...page.messages, ...rest.messages].map(({ id }) => id)).toEqual(
      messages.map(({ id }) => id),
    );
    expect(rest.cursor).toBeUndefined();
  });
});
