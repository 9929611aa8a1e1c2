import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoOutbox } from '#shared/adapters/aws/outbox.ts';
import type { Outbox, OutboxEntry } from '#shared/app/ports/outbox.ts';
import { messageIdOf, type TenantId } from '#shared/core/model/names.ts';
import { pages } from '#shared/async/page.ts';
import { MemoryOutbox } from '../fakes/outbox.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<string, () => Promise<{ outbox: Outbox; close: () => Promise<void> }>> = {
  'in memory': async () => ({ outbox: new MemoryOutbox(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      outbox: dynamoOutbox(dynamo.client, dynamo.tables.messages),
      close: () => dynamo.close(),
    };
  },
};

const minute = new Date('2026-11-20T10:01:00.000Z');
const later = new Date('2026-11-20T10:02:00.000Z');

const given = (): OutboxEntry => ({ tenant: 't_a' as TenantId, id: messageIdOf(randomBytes(16)) });

async function entriesOf(outbox: Outbox, first: Date, last = first): Promise<string[]> {
  const ids: string[] = [];
  for await (const { entries } of pages(({ cursor }) => outbox.entries({ first, last }, cursor))) {
    ids.push(...entries.map(({ id }) => id));
  }
  return ids.toSorted();
}

describe.each(Object.entries(adapters))('Outbox %s', (_name, start) => {
  let outbox: Outbox;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ outbox, close } = await start());
  });
  afterEach(() => close());

  test('a minute has all that was entered for it, each once, and nothing of another', async () => {
    const all = Array.from({ length: 130 }, given);
    for (const each of all) await outbox.enter(each, new Date(minute.getTime() + 59_999));
    await outbox.enter(all[0]!, minute);
    const other = given();
    await outbox.enter(other, later);
    expect(await entriesOf(outbox, minute)).toEqual(all.map(({ id }) => id).toSorted());
    expect(await entriesOf(outbox, later)).toEqual([other.id]);
    expect(await entriesOf(outbox, new Date(later.getTime() + 60_000))).toEqual([]);
    expect(await entriesOf(outbox, minute, later)).toHaveLength(131);
  });

  test('it knows the last minute that is done', async () => {
    expect(await outbox.doneUntil()).toBeUndefined();
    await outbox.noteDone(minute);
    await outbox.noteDone(later);
    expect(await outbox.doneUntil()).toEqual(later);
  });
});
