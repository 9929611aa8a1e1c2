import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { BacklogItem, RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import { givenClaim } from '../fakes/given-claim.ts';
import { MemoryRotationBacklog } from '../fakes/rotation-backlog.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<
  string,
  () => Promise<{ backlog: RotationBacklog; close: () => Promise<void> }>
> = {
  'in memory': async () => ({ backlog: new MemoryRotationBacklog(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      backlog: dynamoRotationBacklog(dynamo.client, dynamo.tables.rotations),
      close: () => dynamo.close(),
    };
  },
};

const given = (changes: Partial<BacklogItem> = {}): BacklogItem => {
  const { tenant, domain, label, shard } = givenClaim();
  return {
    tenant,
    domain,
    label,
    shard,
    kind: 'held-back',
    reason: 'cname-missing',
    detail: 'There is no record.',
    period: '2026-11',
    since: '2026-11-01T03:00:00.000Z',
    ...changes,
  };
};

describe.each(Object.entries(adapters))('RotationBacklog %s', (_name, start) => {
  let backlog: RotationBacklog;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backlog, close } = await start());
  });
  afterAll(() => close());

  test('an item is read back as it was put, and takes the place of the one before', async () => {
    const first = given({ retryAt: '2026-11-02T00:00:00.000Z' });
    const { period: _period, retryAt: _retryAt, ...rest } = first;
    await backlog.put(first);
    expect(await backlog.get([first.label])).toEqual(new Map([[first.label, first]]));
    const second: BacklogItem = { ...rest, kind: 'paused', reason: 'paused' };
    await backlog.put(second);
    expect(await backlog.get([first.label])).toEqual(new Map([[first.label, second]]));
  });

  test('of many only those that are there come', async () => {
    const [one, other] = [given(), given()];
    await backlog.put(one);
    expect([...(await backlog.get([other.label, one.label])).keys()]).toEqual([one.label]);
    expect(await backlog.get([])).toEqual(new Map());
  });

  test('what is removed is gone, removed again too', async () => {
    const item = given();
    await backlog.put(item);
    await backlog.remove(item.label);
    await backlog.remove(item.label);
    expect(await backlog.get([item.label])).toEqual(new Map());
  });

  test('a list gives each once, page by page', async () => {
    const labels = new Set<Label>();
    await Promise.all(
      Array.from({ length: 1_100 }, async () => {
        const item = given();
        labels.add(item.label);
        await backlog.put(item);
      }),
    );
    const listed: Label[] = [];
    let cursor: Label | undefined;
    do {
      const page = await backlog.list(cursor);
      expect(page.items.length).toBeLessThanOrEqual(1_000);
      listed.push(...page.items.map(({ label }) => label));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(new Set(listed).size).toBe(listed.length);
    expect([...labels].filter((label) => !listed.includes(label))).toEqual([]);
  });
});
