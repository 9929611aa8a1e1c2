import { expect, test } from 'vitest';
import type { KeyId } from '#shared/core/model/names.ts';
import { checkedKeys } from '../../../../lambdas/signer/checked-keys.ts';

const [good, bad] = ['k_good', 'k_bad'] as unknown as [KeyId, KeyId];

test('a key that is not revoked is asked for once a minute, a revoked one each time', async () => {
  let now = 0;
  const asked: (readonly string[])[] = [];
  const keys = checkedKeys(
    {
      among: async (ids) => {
        asked.push(ids);
        return new Set(ids.filter((id) => id === bad));
      },
    },
    { now: () => new Date(now) },
  );
  expect(await keys.among([good, bad])).toEqual(new Set([bad]));
  expect(await keys.among([good])).toEqual(new Set());
  expect(await keys.among([good, bad])).toEqual(new Set([bad]));
  now = 60_001;
  expect(await keys.among([good])).toEqual(new Set());
  expect(asked).toEqual([[good, bad], [bad], [good]]);
});

test('nothing is remembered of a read that failed', async () => {
  let isOut = true;
  const keys = checkedKeys(
    { among: async () => (isOut ? Promise.reject(new Error('no answer')) : new Set<string>()) },
    { now: () => new Date(0) },
  );
  await expect(keys.among([good])).rejects.toThrow('no answer');
  isOut = false;
  expect(await keys.among([good])).toEqual(new Set());
});
