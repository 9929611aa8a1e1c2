import { beforeEach, expect, test } from 'vitest';
import { wholeAccount, type ReputationCounts } from '#shared/core/model/reputation.ts';
import { AccountCounts } from '../../../../lambdas/ses-events/account-counts.ts';
import { MemoryReputationStore } from '../../../fakes/reputation-store.ts';

const delivered = { outcomes: 1, bounced: 0, complained: 0 };
const bounced = { outcomes: 1, bounced: 1, complained: 0 };

let now: Date;
let store: MemoryReputationStore;
let writes: ReputationCounts[];
let failing: Error | undefined;
let account: AccountCounts;
beforeEach(async () => {
  now = new Date('2026-11-20T10:00:00.000Z');
  store = new MemoryReputationStore();
  writes = [];
  failing = undefined;
  const count: MemoryReputationStore['count'] = async (subject, counts, at) => {
    if (failing !== undefined) throw failing;
    writes.push(counts);
    return store.count(subject, counts, at);
  };
  account = new AccountCounts({ count }, { now: () => now });
  // An instance learns at once what the account has.
  await account.add(delivered);
});

const stored = async () => (await store.among([wholeAccount], now.toISOString()))[0]!.counts;

test('deliveries are written 20 at a time', async () => {
  for (let count = 0; count < 19; count += 1) await account.add(delivered);
  expect(writes).toHaveLength(1);
  expect(await account.add(delivered)).toMatchObject({ outcomes: 21 });
  expect(writes[1]).toMatchObject({ outcomes: 20 });
});

test('a bounce is written at once, with the deliveries before it', async () => {
  await account.add(delivered);
  expect(await account.add(bounced)).toEqual({ outcomes: 3, bounced: 1, complained: 0 });
  expect(await stored()).toEqual({ outcomes: 3, bounced: 1, complained: 0 });
});

test('a delivery is written half a minute after the last write', async () => {
  await account.add(delivered);
  now = new Date(now.getTime() + 30_000);
  await account.add(delivered);
  expect(writes.map(({ outcomes }) => outcomes)).toEqual([1, 2]);
});

test('what could not be written is written with the next outcomes', async () => {
  failing = new Error('out');
  await expect(account.add(bounced)).rejects.toThrow('out');
  failing = undefined;
  await account.add(delivered);
  expect(await stored()).toEqual({ outcomes: 3, bounced: 1, complained: 0 });
});
