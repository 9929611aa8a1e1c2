import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { apart, readApart } from '#shared/app/stored-items.ts';
import { recordedLog } from '../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const errorOf = (key: number) => new StoredItemError('claims', { pk: key }, 'domain');

test('those that can be read are read, the others named, counted and logged once each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 99 })),
      fc.array(fc.nat({ max: 99 })),
      async (keys, bad) => {
        counted.clear();
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
        expect(counted.get('StoredItemsMalformed') ?? 0).toBe(broken.length);
        expect(logged.map(({ details }) => details)).toEqual(broken.map((key) => [errorOf(key)]));
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
  expect(counted).toEqual(new Map());
});
