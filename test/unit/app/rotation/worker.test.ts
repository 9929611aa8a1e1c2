import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { labelOf, type Label } from '#shared/core/model/names.ts';
import { waveOf } from '#shared/core/model/rotation.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { Mortal } from './faults.ts';
import { Outage, World } from './world.ts';

/** Those of one wave, so that one worker gets them in one batch. */
const labels = Array.from({ length: 40 }, (_, index) => labelOf(new Uint8Array(16).fill(index)))
  .filter((label) => waveOf(label, '2026-03') === 3)
  .slice(0, 3);

/** Three domains whose slot of the previous key is to be refilled, on the eve of their second run. */
async function givenEve(): Promise<{ world: World; claims: Claim[] }> {
  const world = new World();
  const claims: Claim[] = [];
  for (const label of labels) claims.push(await world.givenVerified({ label }));
  world.schedule('2026-02-01T03:00:00Z');
  await world.until('2026-03-01T00:00:00Z');
  return { world, claims };
}

const done = ['zero next', 'one previous', 'two current'];

async function expectRotatedOnce(world: World, claims: readonly Claim[]): Promise<void> {
  for (const claim of claims) {
    expect(await world.states(claim)).toEqual(done);
    expect(await world.pastKeys(claim)).toHaveLength(1);
    const now = await world.claim(claim);
    expect(world.published(now, now.keys[0])?.values[0]).toContain(now.keys[0].publicKey);
  }
  expect((await world.runs.progress('2026-03')).tally).toEqual({ rotated: claims.length });
  expect((await world.runs.latest())?.finishedAt).toBeDefined();
  expect(world.dead).toEqual([]);
}

/** A run in which the first worker dies at its n-th call. */
async function play(dieAt: number, when: 'before' | 'after'): Promise<string[]> {
  const { world, claims } = await givenEve();
  let mortal: Mortal | undefined;
  world.embody = (ports) => {
    if (mortal !== undefined) return ports;
    mortal = new Mortal(ports, dieAt, when);
    return mortal.ports;
  };
  world.schedule('2026-03-01T03:00:00Z');
  await world.until('2026-03-03T00:00:00Z');
  await expectRotatedOnce(world, claims);
  return mortal?.calls ?? [];
}

const calls = await play(0, 'before');

describe('a worker that dies', () => {
  test('the steps are those that this suite dies at', () => {
    expect(new Set(calls)).toEqual(
      new Set([
        'runs.latest',
        'claims.getByLabels',
        'publications.get',
        'backlog.get',
        'revokedKeys.among',
        'resolver.authoritative',
        'resolver.lookupEverywhere',
        'pace.reserve',
        'forge.generate',
        'claims.changeKeys',
        'runs.count',
      ]),
    );
  });

  const steps = calls.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => [index + 1, when, name] as const),
  );
  test.each(steps)('at step %i, %s %s, leaves every domain rotated once', async (dieAt, when) => {
    expect((await play(dieAt, when)).length).toBeGreaterThanOrEqual(dieAt);
  });
});

describe('KMS', () => {
  test('that throttles slows the run, and fails nobody', async () => {
    const { world, claims } = await givenEve();
    world.paper.failing.push(...Array.from({ length: 7 }, () => new Throttled('KMS')));
    world.schedule('2026-03-01T03:00:00Z');
    await world.until('2026-03-02T00:00:00Z');
    await expectRotatedOnce(world, claims);
    expect(world.events.filter(({ kind }) => kind === 'throttled').length).toBeGreaterThan(0);
    expect(world.paper.pairs).toBe(3);
  });

  test.each([
    ['throttles', new Throttled('KMS')],
    ['is out', new Outage()],
  ])(
    'that %s for hours: the current keys sign on, the run waits and uses up no receives',
    async (_, error) => {
      const { world, claims } = await givenEve();
      world.paper.out = error;
      world.schedule('2026-03-01T03:00:00Z');
      await world.until('2026-03-01T15:00:00Z');
      for (const claim of claims) {
        expect(await world.states(claim)).toEqual(['zero previous', 'one current', 'two next']);
        expect(world.verifies((await world.send(claim))!)).toBe(true);
      }
      expect(world.events.some(({ kind }) => kind === 'stalled')).toBe(true);
      world.paper.out = undefined;
      await world.until('2026-03-02T15:00:00Z');
      await expectRotatedOnce(world, claims);
    },
  );

  test('that refuses one domain fails that one only, and the daily retry makes up for it', async () => {
    const { world, claims } = await givenEve();
    world.paper.failing.push(new Error('AccessDenied'));
    world.schedule('2026-03-01T03:00:00Z');
    await world.until('2026-03-02T00:00:00Z');
    expect((await world.runs.progress('2026-03')).tally).toEqual({ rotated: 2, failed: 1 });
    const [item] = world.backlog.items.values();
    expect(item).toMatchObject({ kind: 'failed', reason: 'error', detail: 'AccessDenied' });
    await world.retry();
    await world.settle();
    for (const claim of claims) expect(await world.states(claim)).toEqual(done);
    expect(world.backlog.items.size).toBe(0);
  });
});

test('a store that is out has the whole batch wait, and nothing is done twice', async () => {
  const { world, claims } = await givenEve();
  const among = world.revokedKeys.among.bind(world.revokedKeys);
  let out = 3;
  world.revokedKeys.among = async (ids) => {
    if (out > 0) {
      out -= 1;
      throw new Outage();
    }
    return among(ids);
  };
  world.schedule('2026-03-01T03:00:00Z');
  await world.until('2026-03-02T00:00:00Z');
  await expectRotatedOnce(world, claims);
  expect(world.events.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThan(0);
});

test('a batch that is delivered twice at once rotates nobody twice', async () => {
  const { world, claims } = await givenEve();
  const send = world.rotationQueue.send.bind(world.rotationQueue);
  world.rotationQueue.send = async (requests, options) => {
    await send([...requests, ...requests], options);
  };
  world.schedule('2026-03-01T03:00:00Z');
  await world.until('2026-03-03T00:00:00Z');
  await expectRotatedOnce(world, claims);
  expect(world.rotationQueue.sent).toEqual([]);
});

test('the schedule fired twice, and again a day late, rotates nobody twice', async () => {
  const { world, claims } = await givenEve();
  world.schedule('2026-03-01T03:00:00Z');
  world.at(Date.parse('2026-03-01T03:00:20Z'), () => world.start('2026-03-01T03:00:00Z'));
  world.at(Date.parse('2026-03-02T03:00:00Z'), () => world.start('2026-03-01T03:00:00Z'));
  world.at(Date.parse('2026-03-20T03:00:00Z'), () => world.start('2026-03-01T03:00:00Z'));
  await world.until('2026-03-25T00:00:00Z');
  await expectRotatedOnce(world, claims);
  expect(world.runs.runs.size).toBe(2);
});

test('a run that a later one has overtaken is dropped', async () => {
  const { world, claims } = await givenEve();
  world.schedule('2026-04-01T03:00:00Z');
  await world.until('2026-04-02T03:00:00Z');
  const { shard, label } = claims[0]!;
  const late = { period: '2026-03', wave: 3, batch: 0, shard, labels: [label] };
  await world.rotationQueue.send([{ kind: 'rotate', ...late }]);
  await world.settle();
  expect(world.events).toContainEqual({ kind: 'dropped', period: '2026-03', latest: '2026-04' });
  for (const claim of claims) expect((await world.claim(claim)).rotated?.period).toBe('2026-04');
});

test('a request about a label that no claim has does nothing', async () => {
  const { world } = await givenEve();
  await world.rotationQueue.send([{ kind: 'mend', shard: 's9' as never, label: 'x' as Label }]);
  await world.settle();
  expect(world.dead).toEqual([]);
});

/** Until it is repaired. */
function givenMalformed({ claims }: World, { label }: Claim): () => void {
  let isMalformed = true;
  claims.getByLabels = malformed(
    claims.getByLabels.bind(claims),
    (asked) => isMalformed && asked.includes(label),
  );
  return () => {
    isMalformed = false;
  };
}

describe('a malformed item', () => {
  test('of a claim fails its rotation; the others of its batch rotate, and the run ends', async () => {
    const { world, claims } = await givenEve();
    const [bad, ...others] = claims as [Claim, ...Claim[]];
    const repair = givenMalformed(world, bad);
    world.schedule('2026-03-01T03:00:00Z');
    await world.until('2026-03-03T00:00:00Z');
    repair();

    for (const claim of others) expect(await world.states(claim)).toEqual(done);
    expect((await world.runs.progress('2026-03')).tally).toEqual({ rotated: 2, failed: 1 });
    expect((await world.runs.latest())?.finishedAt).toBeDefined();
    expect(world.events).toContainEqual(
      expect.objectContaining({ kind: 'faulty', label: bad.label }),
    );
  });

  test('of a claim keeps no other key from being revoked; the message ends as a dead letter', async () => {
    const world = new World();
    const [bad, good] = [await world.givenVerified(), await world.givenVerified()];
    const repair = givenMalformed(world, bad);
    const keys = [bad, good].map(({ label, keys: [{ id }] }) => ({ label, keyId: id }));
    await world.rotationQueue.send([{ kind: 'revoke', shard: bad.shard, keys }]);
    await world.advance(2 * 3600_000);
    repair();

    const ids = keys.map(({ keyId }) => keyId);
    expect(await world.revokedKeys.among(ids)).toEqual(new Set(ids));
    expect((await world.states(good))[0]).toBe('zero revoked');
    expect(world.dead).toContainEqual(expect.objectContaining({ kind: 'revoke' }));
  });
});
