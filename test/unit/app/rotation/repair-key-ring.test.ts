import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { retryLimits } from '#shared/async/retry.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { currentOf, DAY, World } from './world.ts';

let world: World;
let claim: Claim;

/** One is current since the 1st, zero previous, two next. */
async function givenRotated(now: string): Promise<void> {
  world = new World();
  claim = await world.givenVerified();
  world.schedule('2026-02-01T03:00:00Z');
  await world.until(now);
  claim = await world.claim(claim);
}
beforeEach(() => givenRotated('2026-02-10T00:00:00Z'));

const states = () => world.states(claim);
const repair = async (unusable?: KeyId) => {
  const { shard, label } = claim;
  await world.rotationQueue.send([
    { kind: 'mend', shard, label, ...(unusable === undefined ? {} : { unusable }) },
  ]);
  await world.settle();
};
const [zero, one, two] = [0, 1, 2].map((index) => () => claim.keys[index]!) as [
  () => Claim['keys'][0],
  () => Claim['keys'][0],
  () => Claim['keys'][0],
];

describe('the slot that signs is broken', () => {
  test('nothing moves while it is found', async () => {
    await repair();
    expect(await world.claim(claim)).toEqual(claim);
  });

  test('nothing moves where DNS does not tell', async () => {
    world.dns.down.add(0).add(1).add(2);
    await repair();
    expect(await world.claim(claim)).toEqual(claim);
  });

  test('nothing moves where one resolver of three does not find it', async () => {
    world.dns.lies.set(1, () => 'v=DKIM1; k=rsa; p=bGllcw==');
    await repair();
    expect(await world.claim(claim)).toEqual(claim);
  });

  test('signing moves to the previous key, at once', async () => {
    world.breakSlot(claim, one().selector);
    await repair();
    expect(await states()).toEqual(['zero current', 'one previous', 'two next']);
    const mail = (await world.send(claim))!;
    expect(world.verifies(mail)).toBe(true);
    expect(world.events).toContainEqual(
      expect.objectContaining({ kind: 'moved', from: one().id, to: zero().id }),
    );
  });

  test('or to the next one, where the previous is broken too; its slot is refilled 8 days later', async () => {
    await givenRotated('2026-02-05T00:00:00Z');
    world.breakSlot(claim, one().selector);
    world.breakSlot(claim, zero().selector);
    await repair();
    expect(await states()).toEqual(['zero previous', 'one previous', 'two current']);
    expect(world.backlog.items.get(claim.label)).toMatchObject({
      kind: 'refill',
      retryAt: expect.stringMatching(/^2026-02-09T03:0/),
    });
    await world.until('2026-02-09T05:00:00Z');
    await world.retry();
    await world.settle();
    expect(await states()).toEqual(['zero next', 'one previous', 'two current']);
    expect(world.backlog.items.size).toBe(0);
  });

  test('stays where every other slot is broken as well', async () => {
    for (const { selector } of claim.keys) world.breakSlot(claim, selector);
    await repair();
    expect(await world.claim(claim)).toEqual(claim);
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
    expect((await world.send(claim))?.keyId).toBe(one().id);
    await world.revokedKeys.add(one().id, world.now.toISOString());
    expect(await world.send(claim)).toBeUndefined();
    await repair();
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    expect((await world.send(claim))?.keyId).toBe(two().id);
  });

  test('shows p= for 7 days, then its slot takes a newly promoted key as next', async () => {
    await revokeSigningKey(claim, one().id, world.workerPorts);
    await world.settle();
    expect(world.published(claim, one())?.values).toEqual(['v=DKIM1; k=rsa; p=']);
    expect(world.backlog.items.get(claim.label)).toMatchObject({ kind: 'refill' });
    for (let day = 1; day <= 8; day += 1) {
      world.at(Date.parse('2026-02-10T05:00:00Z') + (day - 1) * DAY, () => world.retry());
    }
    await world.until('2026-02-16T12:00:00Z');
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    await world.until('2026-02-17T12:00:00Z');
    expect(await states()).toEqual(['zero previous', 'one next', 'two current']);
    expect(world.published(claim, one())?.values[0]).toMatch(/p=.+/);
    const past = await world.pastKeys(claim);
    expect(past).toMatchObject([
      { id: one().id, state: 'revoked', destroyedAt: expect.any(String) },
    ]);
    expect(past[0]?.signed).toHaveLength(1);
  });

  test('is not brought back by a claim that was restored from a backup', async () => {
    await revokeSigningKey(claim, one().id, world.workerPorts);
    await world.settle();
    const present = await world.claim(claim);
    await world.claims.update(present, { ...claim, version: present.version + 1 });
    await world.settle();
    expect(world.published(claim, one())?.values).toEqual(['v=DKIM1; k=rsa; p=']);
    expect(await world.send(claim)).toBeUndefined();
    world.schedule('2026-03-01T03:00:00Z');
    await world.until('2026-03-01T12:00:00Z');
    expect(currentOf(await world.claim(claim)).id).not.toBe(one().id);
    expect((await world.claim(claim)).keys[1]).toMatchObject({ id: one().id, state: 'revoked' });
    expect(await world.send(claim)).toBeDefined();
  });

  test('with no other that is fit pauses signing until one is, looked at every few minutes', async () => {
    world.breakSlot(claim, zero().selector);
    world.breakSlot(claim, two().selector);
    await revokeSigningKey(claim, one().id, world.workerPorts);
    await world.advance(DAY);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two next']);
    expect(await world.send(claim)).toBeUndefined();
    expect(world.backlog.items.get(claim.label)).toMatchObject({ kind: 'paused' });
    world.restore(claim, two().selector);
    await world.advance(16 * 60_000);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
    expect(world.verifies((await world.send(claim))!)).toBe(true);
    expect(world.backlog.items.get(claim.label)).toMatchObject({ kind: 'refill' });
  });

  test('gives way to one that most resolvers find', async () => {
    world.dns.lies.set(1, () => 'v=DKIM1; k=rsa; p=bGllcw==');
    await revokeSigningKey(claim, one().id, world.workerPorts);
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  });

  test('is revoked even where another writer is at the claim each time', async () => {
    const changeKeys = world.claims.changeKeys.bind(world.claims);
    let blocked: number = retryLimits.conflict.tries;
    world.claims.changeKeys = async (before, next, gone) => {
      if (blocked > 0) {
        blocked -= 1;
        await world.claims.update(before, { ...before, version: before.version + 1 });
      }
      return changeKeys(before, next, gone);
    };
    await expect(revokeSigningKey(claim, one().id, world.workerPorts)).rejects.toThrow(
      'another writer',
    );
    expect(await world.send(claim)).toBeUndefined();
    await world.settle();
    expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  });

  test('that is not the current one leaves the current one signing', async () => {
    await revokeSigningKey(claim, two().id, world.workerPorts);
    await world.settle();
    expect(await states()).toEqual(['zero previous', 'one current', 'two revoked']);
  });
});

test('a rotation that meets a revocation on its way does not undo it', async () => {
  await world.until('2026-03-01T00:00:00Z');
  claim = await world.claim(claim);
  const generate = world.paper.generate.bind(world.paper);
  world.paper.generate = async (algorithm, context) => {
    world.paper.generate = generate;
    await revokeSigningKey(claim, one().id, world.workerPorts);
    return generate(algorithm, context);
  };
  world.schedule('2026-03-01T03:00:00Z');
  await world.until('2026-03-02T12:00:00Z');
  expect(await states()).toEqual(['zero previous', 'one revoked', 'two current']);
  expect((await world.runs.progress('2026-03')).tally).toEqual({ 'held-back:no-next': 1 });
});

test('a rotation that met a pause is made up for once the pause is over', async () => {
  await givenRotated('2026-02-27T00:00:00Z');
  world.breakSlot(claim, zero().selector);
  world.breakSlot(claim, two().selector);
  await revokeSigningKey(claim, one().id, world.workerPorts);
  world.schedule('2026-03-01T03:00:00Z');
  await world.until('2026-03-01T12:00:00Z');
  expect((await world.runs.progress('2026-03')).tally).toEqual({ 'held-back:paused': 1 });
  expect(world.backlog.items.get(claim.label)).toMatchObject({ kind: 'paused', period: '2026-03' });
  world.restore(claim, two().selector);
  world.restore(claim, zero().selector);
  await world.advance(16 * 60_000);
  expect(world.backlog.items.get(claim.label)).toMatchObject({
    kind: 'not-due',
    period: '2026-03',
  });
  const promoted = currentOf(await world.claim(claim));
  for (let day = 1; day <= 16; day += 1) {
    world.at(Date.parse('2026-03-01T05:00:00Z') + day * DAY, () => world.retry());
  }
  await world.until('2026-03-18T00:00:00Z');
  const now = await world.claim(claim);
  expect(now.rotated?.period).toBe('2026-03');
  expect(currentOf(now).id).not.toBe(promoted.id);
  expect(world.backlog.items.size).toBe(0);
});
