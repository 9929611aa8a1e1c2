import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import { labelOf, type DomainName, type Label, type TenantId } from '#shared/core/model/names.ts';
import {
  DUE_PARTITIONS,
  type CheckLock,
  type CheckStore,
  type DueCheck,
} from '#shared/app/ports/check-store.ts';
import { MemoryCheckStore } from '../fakes/check-store.ts';
import { givenResult } from '../fakes/given-result.ts';
import { startDynamo } from '../support/dynamo.ts';

const verdict = (at: string, sight: KeyVerdict['sight'] = 'correct'): KeyVerdict => ({
  keyId: 'k_1' as KeyVerdict['keyId'],
  sight,
  at,
  since: '2026-08-01T00:00:00.000Z',
});

const adapters: Record<string, () => Promise<{ store: CheckStore; close: () => Promise<void> }>> = {
  'in memory': async () => ({ store: new MemoryCheckStore(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: dynamoCheckStore(dynamo.client, dynamo.tables.checks),
      close: () => dynamo.close(),
    };
  },
};

let serial = 0;
const newLabel = (): Label => {
  serial += 1;
  const bytes = new Uint8Array(16);
  bytes[0] = (serial * 37) % 256;
  bytes[15] = serial % 256;
  return labelOf(bytes);
};

const check = (dueAt: string, label = newLabel()): DueCheck => ({
  tenant: 't_aaaaaaaaaaaaaaaaaaaaaaaaaa' as TenantId,
  domain: 'example.com' as DomainName,
  label,
  dueAt,
});

const result: CheckResult = {
  checkedAt: '2026-11-01T00:00:00.000Z',
  records: [
    { id: 'dkim-zero', status: 'ok', observed: ['zero._domainkey.l.s1.sd.example.net'] },
    { id: 'spf', status: 'missing', observed: [], hint: 'Add it.' },
  ],
};
const memory: CheckMemory = { rightSlots: ['dkim-zero'], brokenSince: '2026-10-31T00:00:00.000Z' };

describe.each(Object.entries(adapters))('CheckStore %s', (_name, start) => {
  let store: CheckStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  const dueNow = async (now: string, limit = 1000): Promise<DueCheck[]> =>
    (
      await Promise.all(
        Array.from({ length: DUE_PARTITIONS }, (_, index) => store.due(index, now, limit)),
      )
    ).flat();
  const labelsDue = async (now: string) => (await dueNow(now)).map(({ label }) => label);

  test('knows nothing of a label it never noted', async () => {
    expect(await store.get(newLabel())).toBeUndefined();
    expect(await store.results([newLabel()])).toEqual(new Map());
  });

  test('a new claim has a due time and no result', async () => {
    const first = check('2026-01-01T00:01:00.000Z');
    await store.schedule(first);
    expect(await store.get(first.label)).toEqual({ ...first, memory: newMemory });
    expect(await store.results([first.label])).toEqual(new Map());
  });

  test('keeps what was seen, what to remember and when to check again', async () => {
    const first = check('2026-01-01T00:01:00.000Z');
    await givenResult(store, { ...first, result, memory });
    expect(await store.get(first.label)).toEqual({ ...first, result, memory });
    expect(await store.results([first.label, newLabel()])).toEqual(
      new Map([[first.label, { ...result, brokenSince: memory.brokenSince }]]),
    );
  });

  test('a later result replaces the earlier, whole', async () => {
    const first = check('2026-01-01T00:01:00.000Z');
    await givenResult(store, { ...first, result, memory });
    const later = { ...result, records: [], checkedAt: '2026-11-02T00:00:00.000Z' };
    const again = { ...first, dueAt: '2026-01-02T00:00:00.000Z' };
    await givenResult(store, { ...again, result: later, memory: newMemory });
    expect(await store.get(first.label)).toEqual({ ...again, result: later, memory: newMemory });
  });

  describe('the lock of a check', () => {
    const until = '2026-01-01T00:02:00.000Z';
    const lock = (owner: string, since = '2026-01-01T00:01:00.000Z', end = until): CheckLock => ({
      owner,
      since,
      until: end,
    });

    test('is held by one, and comes with what is known', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await givenResult(store, { ...first, result, memory });
      const taken = await Promise.all(
        ['a', 'b', 'c'].map((owner) => store.lock(first, lock(owner))),
      );
      const [held, ...others] = taken.filter((state) => state !== undefined);
      expect(others).toEqual([]);
      expect(held).toMatchObject({ ...first, result, memory });
      expect(await store.get(first.label)).toEqual(held);
    });

    test('can be taken once its time is over', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.schedule(first);
      await store.lock(first, lock('a'));
      const late = lock('b', until, '2026-01-01T00:03:00.000Z');
      expect(await store.lock(first, lock('b', '2026-01-01T00:01:59.999Z'))).toBeUndefined();
      expect(await store.lock(first, late)).toMatchObject({ lock: late });
    });

    test('is released by the result', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.lock(first, lock('a'));
      expect(await store.record({ ...first, result, memory }, 'a')).toEqual({
        ...first,
        result,
        memory,
      });
      expect(await store.lock(first, lock('b'))).toBeDefined();
    });

    test('that another took leaves the result unnoted', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.lock(first, lock('a'));
      await store.lock(first, lock('b', until, '2026-01-01T00:03:00.000Z'));
      expect(await store.record({ ...first, result, memory }, 'a')).toBeUndefined();
      await store.unlock(first.label, 'a');
      const state = await store.get(first.label);
      expect([state?.result, state?.lock?.owner]).toEqual([undefined, 'b']);
    });

    test('can be released without a result', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.schedule(first);
      await store.lock(first, lock('a'));
      await store.unlock(first.label, 'a');
      expect(await store.get(first.label)).toEqual({ ...first, memory: newMemory });
    });

    test('of a label that is not known makes it due when the lock ends', async () => {
      const { dueAt: _, ...first } = check('2026-01-01T00:01:00.000Z');
      await store.lock(first, lock('a'));
      expect(await labelsDue(until)).toContain(first.label);
      expect((await store.get(first.label))?.dueAt).toBe(until);
    });

    test('comes back to nobody once the claim is forgotten', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.lock(first, lock('a'));
      await store.forget(first.label);
      await store.unlock(first.label, 'a');
      expect(await store.record({ ...first, result, memory }, 'a')).toBeUndefined();
      expect(await store.get(first.label)).toBeUndefined();
    });
  });

  describe('a request for a check', () => {
    const at = '2026-01-01T00:00:30.000Z';

    test('is noted with the due time, by one of those who ask at once', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await givenResult(store, { ...first, dueAt: '2026-01-02T00:00:00.000Z', result, memory });
      const noted = await Promise.all(
        [1, 2, 3].map(() => store.request({ ...first, requestedAt: at }, undefined)),
      );
      expect(noted.filter(Boolean)).toHaveLength(1);
      expect(await store.get(first.label)).toEqual({ ...first, result, memory, requestedAt: at });
    });

    test('follows the one that was seen, and no other', async () => {
      const first = check('2026-01-01T00:01:00.000Z');
      await store.request({ ...first, requestedAt: at }, undefined);
      const next = { ...first, requestedAt: '2026-01-01T00:00:32.000Z' };
      expect(await store.request(next, undefined)).toBe(false);
      expect(await store.request(next, at)).toBe(true);
      expect((await store.get(first.label))?.requestedAt).toBe(next.requestedAt);
    });
  });

  test('scheduling changes the due time alone', async () => {
    const first = check('2026-01-01T00:01:00.000Z');
    await givenResult(store, { ...first, result, memory });
    await store.schedule({ ...first, dueAt: '2025-01-01T00:00:00.000Z' });
    expect(await store.get(first.label)).toEqual({
      ...first,
      dueAt: '2025-01-01T00:00:00.000Z',
      result,
      memory,
    });
  });

  test('a check is due from its time on', async () => {
    const first = check('2026-02-01T00:00:00.000Z');
    await store.schedule(first);
    expect(await labelsDue('2026-01-31T23:59:59.999Z')).not.toContain(first.label);
    expect(await dueNow('2026-02-01T00:00:00.000Z')).toContainEqual(first);
  });

  test('gives each due check once over all partitions, and spreads them', async () => {
    const many = Array.from({ length: 64 }, () => check('2026-03-01T00:00:00.000Z'));
    for (const one of many) await store.schedule(one);
    const partitions = await Promise.all(
      Array.from({ length: DUE_PARTITIONS }, (_, index) =>
        store.due(index, '2026-03-01T00:00:00.000Z', 1000),
      ),
    );
    const found = partitions.flat().map(({ label }) => label);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(many.map(({ label }) => label)));
    expect(partitions.filter((checks) => checks.length > 0).length).toBeGreaterThan(8);
  });

  test('gives the longest due first, and no more than asked', async () => {
    const label = newLabel();
    const hostedName = `${label.slice(0, 25)}${label.endsWith('a') ? 'e' : 'a'}` as Label;
    await store.schedule(check('2020-01-02T00:00:00.000Z', label));
    await store.schedule(check('2020-01-01T00:00:00.000Z', hostedName));
    const found = await dueNow('2020-01-03T00:00:00.000Z', 1);
    expect(found.length).toBeLessThanOrEqual(2);
    expect(found.map(({ label: one }) => one)).toContain(hostedName);
    await store.forget(label);
    await store.forget(hostedName);
  });

  test('a lease puts a check off for everybody but the one who took it', async () => {
    const first = check('2026-04-01T00:00:00.000Z');
    await store.schedule(first);
    const until = '2026-04-01T00:15:00.000Z';
    const taken = await Promise.all([1, 2, 3].map(() => store.lease(first, until)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await labelsDue('2026-04-01T00:14:59.000Z')).not.toContain(first.label);
    expect(await labelsDue(until)).toContain(first.label);
  });

  test('a check that was made meanwhile cannot be leased', async () => {
    const first = check('2026-04-01T00:00:00.000Z');
    await store.schedule(first);
    await givenResult(store, { ...first, dueAt: '2026-05-01T00:00:00.000Z', result, memory });
    expect(await store.lease(first, '2026-04-01T00:15:00.000Z')).toBe(false);
    expect((await store.get(first.label))?.dueAt).toBe('2026-05-01T00:00:00.000Z');
  });

  test('nothing is left of a forgotten claim', async () => {
    const first = check('2026-06-01T00:00:00.000Z');
    await givenResult(store, { ...first, result, memory });
    await store.forget(first.label);
    expect(await store.get(first.label)).toBeUndefined();
    expect(await labelsDue('2027-01-01T00:00:00.000Z')).not.toContain(first.label);
    expect(await store.lease(first, '2027-01-01T00:00:00.000Z')).toBe(false);
  });

  describe('the verdict of a key', () => {
    test('is read as it was noted, and the check stays', async () => {
      const first = check('2026-08-02T00:00:00.000Z');
      await givenResult(store, { ...first, result, memory });
      expect(await store.verdict(first.label)).toBeUndefined();
      await store.noteVerdict(first.label, verdict('2026-08-01T00:00:00.000Z'));
      expect(await store.verdict(first.label)).toEqual(verdict('2026-08-01T00:00:00.000Z'));
      expect((await store.get(first.label))?.result).toEqual(result);
    });

    test('gives way to a later one only', async () => {
      const first = check('2026-08-02T00:00:00.000Z');
      await store.schedule(first);
      await store.noteVerdict(first.label, verdict('2026-08-01T00:01:00.000Z', 'absent'));
      await store.noteVerdict(first.label, verdict('2026-08-01T00:00:30.000Z'));
      expect((await store.verdict(first.label))?.sight).toBe('absent');
      await store.noteVerdict(first.label, verdict('2026-08-01T00:02:00.000Z'));
      expect((await store.verdict(first.label))?.sight).toBe('correct');
    });

    test('is forgotten with its claim', async () => {
      const first = check('2026-08-02T00:00:00.000Z');
      await store.schedule(first);
      await store.noteVerdict(first.label, verdict('2026-08-01T00:00:00.000Z'));
      await store.forget(first.label);
      expect(await store.verdict(first.label)).toBeUndefined();
    });
  });

  describe('when mail was sent', () => {
    test('the next check comes within the hour, and the result stays', async () => {
      const first = check('2026-08-02T00:00:00.000Z');
      await givenResult(store, { ...first, result, memory });
      await store.noteSent(first.label, '2026-08-01T00:00:00.000Z');
      expect(await store.get(first.label)).toEqual({
        ...first,
        result,
        memory,
        lastSentAt: '2026-08-01T00:00:00.000Z',
        dueAt: '2026-08-01T01:00:00.000Z',
      });
    });

    test('a check that is due sooner stays so', async () => {
      const first = check('2026-08-01T00:10:00.000Z');
      await store.schedule(first);
      await store.noteSent(first.label, '2026-08-01T00:00:00.000Z');
      expect((await store.get(first.label))?.dueAt).toBe('2026-08-01T00:10:00.000Z');
    });

    test('it is noted to the quarter of a day', async () => {
      const first = check('2026-08-01T00:10:00.000Z');
      await store.schedule(first);
      await store.noteSent(first.label, '2026-08-01T00:00:00.000Z');
      await store.noteSent(first.label, '2026-08-01T05:59:59.000Z');
      expect((await store.get(first.label))?.lastSentAt).toBe('2026-08-01T00:00:00.000Z');
      await store.noteSent(first.label, '2026-08-01T06:00:00.000Z');
      expect((await store.get(first.label))?.lastSentAt).toBe('2026-08-01T06:00:00.000Z');
    });

    test('a later result keeps the note', async () => {
      const first = check('2026-08-01T00:10:00.000Z');
      await store.schedule(first);
      await store.noteSent(first.label, '2026-08-01T00:00:00.000Z');
      await givenResult(store, { ...first, result, memory });
      expect((await store.get(first.label))?.lastSentAt).toBe('2026-08-01T00:00:00.000Z');
    });

    test('a label that is not known stays unknown', async () => {
      const label = newLabel();
      await store.noteSent(label, '2026-08-01T00:00:00.000Z');
      expect(await store.get(label)).toBeUndefined();
    });
  });
});
