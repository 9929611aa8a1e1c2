import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoHistory } from '#shared/adapters/aws/history.ts';
import type { ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainEvent } from '#shared/core/model/event.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { History } from '#shared/app/ports/history.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryHistory } from '../fakes/history.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const adapters: Record<string, () => History> = {
  'in memory': () => new MemoryHistory(),
  'on DynamoDB': () => dynamoHistory(dynamo.client, dynamo.tables.events),
};

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
const keyOf = (domain = 'example.com'): ClaimKey => ({
  tenant: givenTenant(),
  domain: domain as DomainName,
});
const event = (
  { tenant, domain }: ClaimKey,
  minute: number,
  id = `evt_${minute}`,
): DomainEvent => ({
  id,
  type: 'domain.at_risk',
  tenant,
  at: at(minute),
  data: { domain, reason: 'missing', detail: 'Add it.' },
});

/** All of a history, page by page. */
const idsOf = async (history: History, key: ClaimKey, limit: number): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await history.of(key, { limit, ...(cursor && { cursor }) });
    ids.push(...page.events.map(({ id }) => id));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return ids;
};

describe.each(Object.entries(adapters))('History %s', (_name, adapter) => {
  test('is by time, newest first, in pages; two events of one moment are both there', async () => {
    const history = adapter();
    const key = keyOf();
    for (const minute of [3, 1, 2, 5, 4]) await history.note(event(key, minute));
    await history.note(event(key, 3, 'evt_3b'));
    for (const limit of [1, 2, 100]) {
      expect(await idsOf(history, key, limit)).toEqual([
        'evt_5',
        'evt_4',
        'evt_3b',
        'evt_3',
        'evt_2',
        'evt_1',
      ]);
    }
  });

  test('has an event once, however often it is noted, and whole', async () => {
    const history = adapter();
    const key = keyOf();
    await history.note(event(key, 1));
    await history.note(event(key, 1));
    expect(await history.of(key, { limit: 10 })).toEqual({
      events: [event(key, 1)],
      cursor: undefined,
    });
  });

  test('shows nothing of another tenant’s claim of the same domain, nor of another domain', async () => {
    const history = adapter();
    const [one, other] = [keyOf(), keyOf()];
    await history.note(event(one, 1));
    await history.note(event({ ...one, domain: 'example.co' as DomainName }, 2));
    expect(await idsOf(history, one, 10)).toEqual(['evt_1']);
    expect(await idsOf(history, other, 10)).toEqual([]);
  });

  test('refuses an invalid cursor, and one of another list', async () => {
    const history = adapter();
    const [one, other] = [keyOf(), keyOf()];
    for (const minute of [1, 2]) await history.note(event(one, minute));
    const { cursor } = await history.of(one, { limit: 1 });
    await expect(history.of(other, { limit: 1, cursor: cursor! })).rejects.toThrow(Refusal);
    await expect(history.of(one, { limit: 1, cursor: 'x' })).rejects.toThrow(Refusal);
  });
});

test('an event expires 400 days after it happened', async () => {
  const key = keyOf();
  await dynamoHistory(dynamo.client, dynamo.tables.events).note(event(key, 1));
  const { Item: item } = await dynamo.client.send(
    new GetCommand({
      TableName: dynamo.tables.events,
      Key: { pk: `${key.tenant}#${key.domain}`, sk: `${at(1)}#evt_1` },
    }),
  );
  expect(item?.['expiresAt']).toBe(Date.parse(at(1)) / 1000 + 400 * 86_400);
});
