import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { labelOf, type Label, type ShardName } from '#shared/core/model/names.ts';
import {
  markUncertain,
  unpublished,
  type Publication,
  type PublicationStore,
} from '#shared/app/ports/publication-store.ts';
import { MemoryPublicationStore } from '../fakes/publication-store.ts';
import { startDynamo } from '../support/dynamo.ts';

type Started = { store: PublicationStore; close: () => Promise<void> };

const adapters: Record<string, () => Promise<Started>> = {
  'in memory': async () => ({ store: new MemoryPublicationStore(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: dynamoPublicationStore(dynamo.client, dynamo.tables.publications),
      close: () => dynamo.close(),
    };
  },
};

let serial = 0;
const newLabel = (): Label => {
  serial += 1;
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, serial * 0x9e37_79b1);
  return labelOf(bytes);
};
const newShard = (): ShardName => `s${(serial += 1)}.sd.example.net` as ShardName;

const at = '2026-11-23T00:00:00.000Z';

function givenPublication(changes: Partial<Publication> = {}): Publication {
  const shard = changes.shard ?? ('s1.sd.example.net' as ShardName);
  const label = changes.label ?? newLabel();
  const name = `_spf.${label}.${shard}`;
  return {
    ...unpublished(shard, label),
    revision: 1,
    claimVersion: 3,
    records: [{ name, type: 'TXT', ttl: 300, values: ['v=spf1 -all', 'second'] }],
    insyncSince: { [`${name} TXT`]: at },
    pending: { [`_dmarc.${label}.${shard} TXT`]: { changeId: '/change/C1', submittedAt: at } },
    ...changes,
  };
}

const byLabel = (a: Publication, b: Publication) => (a.label < b.label ? -1 : 1);

describe.each(Object.entries(adapters))('PublicationStore %s', (_name, start) => {
  let store: PublicationStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  const stored = async ({ shard, label }: Publication) =>
    (await store.get(shard, [label])).get(label);

  test('gives back what was put, with and without the optional parts', async () => {
    const plain = givenPublication();
    const full = givenPublication({
      uncertainSince: at,
      parked: { reason: 'refused', since: at, claimVersion: 2 },
    });
    await store.put(plain);
    await store.put(full);

    expect(await stored(plain)).toEqual(plain);
    expect(await stored(full)).toEqual(full);
  });

  test('gets many at once, each once, and leaves out those that are not there', async () => {
    const shard = newShard();
    const publications = Array.from({ length: 230 }, () => givenPublication({ shard }));
    await Promise.all(publications.map((publication) => store.put(publication)));
    const labels = publications.map(({ label }) => label);

    const found = await store.get(shard, [...labels, labels[0]!, newLabel()]);

    expect(found.size).toBe(230);
    for (const publication of publications) {
      expect(found.get(publication.label)).toEqual(publication);
    }
    expect(await store.get(newShard(), labels)).toEqual(new Map());
    expect(await store.get(shard, [])).toEqual(new Map());
  });

  test('takes the next revision only', async () => {
    const first = givenPublication();
    await expect(store.put({ ...first, revision: 2 })).rejects.toThrow(Conflict);
    await store.put(first);
    await expect(store.put(first)).rejects.toThrow(Conflict);
    const second = { ...first, revision: 2, claimVersion: 9 };
    await store.put(second);
    await expect(store.put({ ...second, claimVersion: 10 })).rejects.toThrow(Conflict);
    await expect(store.put({ ...second, revision: 4 })).rejects.toThrow(Conflict);

    expect(await stored(first)).toEqual(second);
  });

  test('lets one of many writers at once through', async () => {
    const first = givenPublication();
    await store.put(first);

    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        store.put({ ...first, revision: 2, claimVersion: index + 10 }),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Conflict);
    }
  });

  test('lists all of a shard, page by page, and nothing of another', async () => {
    const shard = newShard();
    const values = ['x'.repeat(3_900)];
    const publications = Array.from({ length: 300 }, () => {
      const publication = givenPublication({ shard });
      return { ...publication, records: [{ ...publication.records[0]!, values }] };
    });
    await Promise.all(publications.map((publication) => store.put(publication)));
    await store.put(givenPublication({ shard: newShard() }));

    const listed: Publication[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page = await store.list(shard, cursor);
      listed.push(...page.publications);
      cursor = page.cursor;
      pages += 1;
    } while (cursor !== undefined);

    expect(listed.toSorted(byLabel)).toEqual(publications.toSorted(byLabel));
    // 300 items of 4 KB pass the 1 MB that DynamoDB gives in one page.
    expect(pages).toBeGreaterThan(1);
    expect(await store.list(newShard())).toEqual({ publications: [], cursor: undefined });

    const labels: Label[] = [];
    let after: Label | undefined;
    do {
      const page = await store.labels(shard, after);
      labels.push(...page.labels);
      after = page.cursor;
    } while (after !== undefined);
    expect(labels).toEqual(publications.map(({ label }) => label).toSorted());
    expect(await store.labels(shard, labels[298])).toMatchObject({ labels: [labels[299]] });
    expect(await store.labels(newShard())).toEqual({ labels: [], cursor: undefined });
  });

  test('markUncertain marks once, what is there and what is not, and keeps the rest', async () => {
    const known = givenPublication();
    await store.put(known);
    const unknown = givenPublication();
    for (const { shard, label } of [known, unknown]) {
      await markUncertain(store, shard, label, at);
      await markUncertain(store, shard, label, '2026-12-01T00:00:00.000Z');
    }

    expect(await stored(known)).toEqual({ ...known, revision: 2, uncertainSince: at });
    expect(await stored(unknown)).toEqual({
      ...unpublished(unknown.shard, unknown.label),
      revision: 1,
      uncertainSince: at,
    });
  });
});
