import * as fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { apart, readApart } from '#shared/app/stored-items.ts';

const { counted, logged } = vi.hoisted(() => ({
  counted: [] as string[],
  logged: [] as unknown[],
}));
vi.mock('#shared/runtime/log.ts', () => ({
  count: (name: string) => counted.push(name),
  logger: { error: (_: string, error: unknown) => logged.push(error) },
}));

beforeEach(() => {
  counted.length = 0;
  logged.length = 0;
});

const errorOf = (key: number) => new StoredItemError('claims', { pk: key }, 'domain');

test('those that can be read are read, the others named, counted and logged once each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 99 })),
      fc.array(fc.nat({ max: 99 })),
      async (keys, bad) => {
        counted.length = 0;
        logged.length = 0;
        const broken = keys.filter((key) => bad.includes(key));
        const { found, malformed } = await readApart(keys, async (some) => {
          const [first] = some.filter((key) => bad.includes(key));
          if (first !== undefined) throw errorOf(first);
          return new Map(some.map((key) => [key, -key]));
        });
        expect([...malformed.keys()]).toEqual(broken);
        expect(found).toEqual(
          new Map(keys.filter((key) => !broken.includes(key)).map((key) => [key, -key])),
        );
        expect(counted).toEqual(broken.map(() => 'StoredItemsMalformed'));
        expect(logged).toEqual(broken.map(errorOf));
      },
    ),
  );
});

test('where all can be read, they are read at once', async () => {
  const asked: (readonly number[])[] = [];
  await apart([1, 2, 3], async (some) => void asked.push(some));
  expect(asked).toEqual([[1, 2, 3]]);
});

test('any other failure is thrown', async () => {
  const outage = new Error('no answer');
  await expect(apart([1, 2], () => Promise.reject(outage))).rejects.toBe(outage);
  expect(counted).toEqual([]);
});
