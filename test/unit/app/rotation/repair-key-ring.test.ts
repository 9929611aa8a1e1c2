import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { retryLimits } from '#shared/async/retry.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { currentOf, DAY, TestEnvironment } from './test-environment.ts';

let testEnvironment: TestEnvironment;
let claim: Claim;

/** One is current since the 1st, zero previous, two next. */
async function givenRotated(now: string): Promise<void> {
  testEnvironment = new TestEnvironment();
  claim = await testEnvironment.givenVerified();
  testEnvironment.schedule('2026-02-01T03:00:00Z');
  await testEnvironment.until(now);
  claim = await testEnvironment.claim(claim);
}
beforeEach(() => givenRotated('2026-02-10T00:00:00Z'));

const states = () => testEnvironment.states(claim);
const repair = async (unusable?: KeyId) => {
  const { shard, label } = claim;
  await testEnvironment.rotationQueue.send([
    { kind: 'mend', shard, label, ...(unusable === undefined ? {} : { unusable }) },
  ]);
  await testEnvironment.settle();
};
const [zero, one, two] = [0, 1, 2].map((index) => () => claim.keys[index]!) as [
  () => Claim['keys'][0],
  () => Claim['keys'][0],
  () => Claim['keys'][0],
];

describe('the slot that signs is broken', () => {
  test('nothing moves while it is found', async () => {
    await repair();
    expect(await testEnvironment.claim(claim)).toEqual(claim);
  });

  test('nothing moves where DNS does not answer', async () => {
    testEnvironment.dns.down.add(0).add(1).add(2);
    await repair();
    expect(await testEnvironment.claim(claim)).toEqual(claim);
  });

  test('nothing moves where one resolver of three does not find it', async () => {
    testEnvironment.dns.lies.set(1, () => 'v=DKIM1; k=rsa; p=bGllcw==');
    await repair();
    expect(await testEnvironment.claim(claim)).toEqual(claim);
  });

  test('signing moves to the previous key, at once', async () => {
    testEnvironment.breakSlot(claim, one().selector);
    await repair();
    expect(await states()).toEqual(['zero current', 'one previous', 'two next']);
    const mail = (await testEnvironment.send(claim))!;
    expect(testEnvironment.verifies(mail)).toBe(true);
    expect(testEnvironment.events).toContainEqual(
      expect.objectContaining({ kind: 'moved', from: one().id, to: zero().id }),
    );
  });

  test('or to the next one, where the previous is broken too; its slot is refilled 8 days later', async () => {
    await givenRotated('2026-02-05T00:00:00Z');
    testEnvironment.breakSlot(claim, one().selector);
    testEnvironment.breakSlot(claim, zero().selector);
    await repair();
    expect(await states()).toEqual(['zero previous', 'one previous', 'two current']);
    expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({
      kind: 'refill',
      retryAt: expect.stringMatching(/^2026-02-09T03:0/),
    });
    await testEnvironment.until('2026-02-09T05:00:00Z');
    await testEnvironment.retry();
    await testEnvironment.settle();
    expect(await states()).toEqual(['zero next', 'one previous', 'two current']);
    expect(testEnvironment.backlog.items.size).toBe(0);
  });

  test('stays where every other slot is broken as well', async () => {
    for (const { selector } of claim.keys) testEnvironment.breakSlot(claim, selector);
    await repair();
    expect(await testEnvironment.claim(claim)).toEqual(claim);
  });

  test('a key that the signer cannot sign with gives way though DNS shows it', async () => {
    await repair(one().id);
    expect(await states()).toEqual(['zero current', 'one previous', 'two next']);
    await repair(one().id);
    expect(await states()).toEqual(['zero current', 'one previous', 'two next']);
  });
});

describe('a revoked key', () => {
  test('signs no more from that moment on, also before the ring says so', async () => {
    expect((await testEnvironment.send(claim))?.keyId).toBe(one().id);
    await testEnvironment.revokedKeys.add(one().id, testEnvironment.now.toISOString());
    expect(await testEnvironment.send(claim)).toBeUndefined();
    await repair();
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    expect((await testEnvironment.send(claim))?.keyId).toBe(two().id);
  });

  test('shows p= for 7 days, then its slot takes a new key as next', async () => {
    await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
    await testEnvironment.settle();
    expect(testEnvironment.published(claim, one())?.values).toEqual(['v=DKIM1; k=rsa; p=']);
    expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({ kind: 'refill' });
    for (let day = 1; day <= 8; day += 1) {
      testEnvironment.at(Date.parse('2026-02-10T05:00:00Z') + (day - 1) * DAY, () =>
        testEnvironment.retry(),
      );
    }
    await testEnvironment.until('2026-02-16T12:00:00Z');
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    await testEnvironment.until('2026-02-17T12:00:00Z');
    expect(await states()).toEqual(['zero previous', 'one next', 'two current']);
    expect(testEnvironment.published(claim, one())?.values[0]).toMatch(/p=.+/);
    const past = await testEnvironment.pastKeys(claim);
    expect(past).toMatchObject([
      { id: one().id, state: 'revoked', destroyedAt: expect.any(String) },
    ]);
    expect(past[0]?.signed).toHaveLength(1);
  });

  test('is not brought back by a claim that was restored from a backup', async () => {
    await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
    await testEnvironment.settle();
    const present = await testEnvironment.claim(claim);
    await testEnvironment.claims.update(present, { ...claim, version: present.version + 1 });
    await testEnvironment.settle();
    expect(testEnvironment.published(claim, one())?.values).toEqual(['v=DKIM1; k=rsa; p=']);
    expect(await testEnvironment.send(claim)).toBeUndefined();
    testEnvironment.schedule('2026-03-01T03:00:00Z');
    await testEnvironment.until('2026-03-01T12:00:00Z');
    expect(currentOf(await testEnvironment.claim(claim)).id).not.toBe(one().id);
    expect((await testEnvironment.claim(claim)).keys[1]).toMatchObject({
      id: one().id,
      state: 'revoked',
    });
    expect(await testEnvironment.send(claim)).toBeDefined();
  });

  test('with no other that is fit pauses signing until one is, checked every few minutes', async () => {
    testEnvironment.breakSlot(claim, zero().selector);
    testEnvironment.breakSlot(claim, two().selector);
    await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
    await testEnvironment.advance(DAY);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two next']);
    expect(await testEnvironment.send(claim)).toBeUndefined();
    expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({ kind: 'paused' });
    testEnvironment.restore(claim, two().selector);
    await testEnvironment.advance(16 * 60_000);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    expect(testEnvironment.verifies((await testEnvironment.send(claim))!)).toBe(true);
    expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({ kind: 'refill' });
  });

  test('gives way to one that most resolvers find', async () => {
    testEnvironment.dns.lies.set(1, () => 'v=DKIM1; k=rsa; p=bGllcw==');
    await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  });

  test('is revoked even where another writer is at the claim each time', async () => {
    const changeKeys = testEnvironment.claims.changeKeys.bind(testEnvironment.claims);
    let blocked: number = retryLimits.conflict.tries;
    testEnvironment.claims.changeKeys = async (before, next, gone) => {
      if (blocked > 0) {
        blocked -= 1;
        await testEnvironment.claims.update(before, { ...before, version: before.version + 1 });
      }
      return changeKeys(before, next, gone);
    };
    await expect(revokeSigningKey(claim, one().id, testEnvironment.workerPorts)).rejects.toThrow(
      'another writer',
    );
    expect(await testEnvironment.send(claim)).toBeUndefined();
    await testEnvironment.settle();
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  });

  test('that is not the current one leaves the current one signing', async () => {
    await revokeSigningKey(claim, two().id, testEnvironment.workerPorts);
    await testEnvironment.settle();
    expect(await states()).toEqual(['zero previous', 'one current', 'two revoked']);
  });
});

test('a rotation that meets a revocation on its way does not undo it', async () => {
  await testEnvironment.until('2026-03-01T00:00:00Z');
  claim = await testEnvironment.claim(claim);
  const generate = testEnvironment.paper.generate.bind(testEnvironment.paper);
  testEnvironment.paper.generate = async (algorithm, context) => {
    testEnvironment.paper.generate = generate;
    await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
    return generate(algorithm, context);
  };
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  await testEnvironment.until('2026-03-02T12:00:00Z');
  expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  expect((await testEnvironment.runs.progress('2026-03')).tally).toEqual({
    'held-back:no-next': 1,
  });
});

test('a rotation that met a pause is made up for once the pause is over', async () => {
  await givenRotated('2026-02-27T00:00:00Z');
  testEnvironment.breakSlot(claim, zero().selector);
  testEnvironment.breakSlot(claim, two().selector);
  await revokeSigningKey(claim, one().id, testEnvironment.workerPorts);
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  await testEnvironment.until('2026-03-01T12:00:00Z');
  expect((await testEnvironment.runs.progress('2026-03')).tally).toEqual({ 'held-back:paused': 1 });
  expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({
    kind: 'paused',
    period: '2026-03',
  });
  testEnvironment.restore(claim, two().selector);
  testEnvironment.restore(claim, zero().selector);
  await testEnvironment.advance(16 * 60_000);
  expect(testEnvironment.backlog.items.get(claim.label)).toMatchObject({
    kind: 'not-due',
    period: '2026-03',
  });
  const promoted = currentOf(await testEnvironment.claim(claim));
  for (let day = 1; day <= 16; day += 1) {
    testEnvironment.at(Date.parse('2026-03-01T05:00:00Z') + day * DAY, () =>
      testEnvironment.retry(),
    );
  }
  await testEnvironment.until('2026-03-18T00:00:00Z');
  const now = await testEnvironment.claim(claim);
  expect(now.rotated?.period).toBe('2026-03');
  expect(currentOf(now).id).not.toBe(promoted.id);
  expect(testEnvironment.backlog.items.size).toBe(0);
});
