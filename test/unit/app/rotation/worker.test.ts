import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { labelOf, type Label } from '#shared/core/model/names.ts';
import { waveOf } from '#shared/core/model/rotation.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { Mortal } from './faults.ts';
import { Outage, TestEnvironment } from './test-environment.ts';

/** Those of one wave, so that one worker gets them in one batch. */
const labels = Array.from({ length: 40 }, (_, index) => labelOf(new Uint8Array(16).fill(index)))
  .filter((label) => waveOf(label, '2026-03') === 3)
  .slice(0, 3);

/** Three domains whose slot of the previous key is to be refilled, on the eve of their second run. */
async function givenEve(): Promise<{ testEnvironment: TestEnvironment; claims: Claim[] }> {
  const testEnvironment = new TestEnvironment();
  const claims: Claim[] = [];
  for (const label of labels) claims.push(await testEnvironment.givenVerified({ label }));
  testEnvironment.schedule('2026-02-01T03:00:00Z');
  await testEnvironment.until('2026-03-01T00:00:00Z');
  return { testEnvironment, claims };
}

const done = ['zero next', 'one previous', 'two current'];

async function expectRotatedOnce(
  testEnvironment: TestEnvironment,
  claims: readonly Claim[],
): Promise<void> {
  for (const claim of claims) {
    expect(await testEnvironment.states(claim)).toEqual(done);
    expect(await testEnvironment.pastKeys(claim)).toHaveLength(1);
    const now = await testEnvironment.claim(claim);
    expect(testEnvironment.published(now, now.keys[0])?.values[0]).toContain(now.keys[0].publicKey);
  }
  expect((await testEnvironment.runs.progress('2026-03')).tally).toEqual({
    rotated: claims.length,
  });
  expect((await testEnvironment.runs.latest())?.finishedAt).toBeDefined();
  expect(testEnvironment.dead).toEqual([]);
}

/** A run in which the first worker dies at its n-th call. */
async function play(dieAt: number, when: 'before' | 'after'): Promise<string[]> {
  const { testEnvironment, claims } = await givenEve();
  let mortal: Mortal | undefined;
  testEnvironment.embody = (ports) => {
    if (mortal !== undefined) return ports;
    mortal = new Mortal(ports, dieAt, when);
    return mortal.ports;
  };
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  await testEnvironment.until('2026-03-03T00:00:00Z');
  await expectRotatedOnce(testEnvironment, claims);
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
        'rateLimiter.reserve',
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
  test('that throttles slows the run, and fails no domain', async () => {
    const { testEnvironment, claims } = await givenEve();
    testEnvironment.paper.failing.push(...Array.from({ length: 7 }, () => new Throttled('KMS')));
    testEnvironment.schedule('2026-03-01T03:00:00Z');
    await testEnvironment.until('2026-03-02T00:00:00Z');
    await expectRotatedOnce(testEnvironment, claims);
    expect(
      testEnvironment.events.filter(({ kind }) => kind === 'throttled').length,
    ).toBeGreaterThan(0);
    expect(testEnvironment.paper.pairs).toBe(3);
  });

  test.each([
    ['throttles', new Throttled('KMS')],
    ['is out', new Outage()],
  ])(
    'that %s for hours: the current keys sign on, the run waits and uses up no receives',
    async (_, error) => {
      const { testEnvironment, claims } = await givenEve();
      testEnvironment.paper.out = error;
      testEnvironment.schedule('2026-03-01T03:00:00Z');
      await testEnvironment.until('2026-03-01T15:00:00Z');
      for (const claim of claims) {
        expect(await testEnvironment.states(claim)).toEqual([
          'zero previous',
          'one current',
          'two next',
        ]);
        expect(testEnvironment.verifies((await testEnvironment.send(claim))!)).toBe(true);
      }
      expect(testEnvironment.events.some(({ kind }) => kind === 'stalled')).toBe(true);
      testEnvironment.paper.out = undefined;
      await testEnvironment.until('2026-03-02T15:00:00Z');
      await expectRotatedOnce(testEnvironment, claims);
    },
  );

  test('that refuses one domain fails that one only, and the daily retry makes up for it', async () => {
    const { testEnvironment, claims } = await givenEve();
    testEnvironment.paper.failing.push(new Error('AccessDenied'));
    testEnvironment.schedule('2026-03-01T03:00:00Z');
    await testEnvironment.until('2026-03-02T00:00:00Z');
    expect((await testEnvironment.runs.progress('2026-03')).tally).toEqual({
      rotated: 2,
      failed: 1,
    });
    const [item] = testEnvironment.backlog.items.values();
    expect(item).toMatchObject({ kind: 'failed', reason: 'error', detail: 'AccessDenied' });
    await testEnvironment.retry();
    await testEnvironment.settle();
    for (const claim of claims) expect(await testEnvironment.states(claim)).toEqual(done);
    expect(testEnvironment.backlog.items.size).toBe(0);
  });
});

test('a store that is out has the whole batch wait, and nothing is done twice', async () => {
  const { testEnvironment, claims } = await givenEve();
  const among = testEnvironment.revokedKeys.among.bind(testEnvironment.revokedKeys);
  let out = 3;
  testEnvironment.revokedKeys.among = async (ids) => {
    if (out > 0) {
      out -= 1;
      throw new Outage();
    }
    return among(ids);
  };
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  await testEnvironment.until('2026-03-02T00:00:00Z');
  await expectRotatedOnce(testEnvironment, claims);
  expect(testEnvironment.events.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThan(0);
});

test('a batch that is delivered twice at once rotates no domain twice', async () => {
  const { testEnvironment, claims } = await givenEve();
  const send = testEnvironment.rotationQueue.send.bind(testEnvironment.rotationQueue);
  testEnvironment.rotationQueue.send = async (requests, options) => {
    await send([...requests, ...requests], options);
  };
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  await testEnvironment.until('2026-03-03T00:00:00Z');
  await expectRotatedOnce(testEnvironment, claims);
  expect(testEnvironment.rotationQueue.sent).toEqual([]);
});

test('the schedule fired twice, and again a day late, rotates no domain twice', async () => {
  const { testEnvironment, claims } = await givenEve();
  testEnvironment.schedule('2026-03-01T03:00:00Z');
  testEnvironment.at(Date.parse('2026-03-01T03:00:20Z'), () =>
    testEnvironment.start('2026-03-01T03:00:00Z'),
  );
  testEnvironment.at(Date.parse('2026-03-02T03:00:00Z'), () =>
    testEnvironment.start('2026-03-01T03:00:00Z'),
  );
  testEnvironment.at(Date.parse('2026-03-20T03:00:00Z'), () =>
    testEnvironment.start('2026-03-01T03:00:00Z'),
  );
  await testEnvironment.until('2026-03-25T00:00:00Z');
  await expectRotatedOnce(testEnvironment, claims);
  expect(testEnvironment.runs.runs.size).toBe(2);
});

test('a run that a later one has overtaken is dropped', async () => {
  const { testEnvironment, claims } = await givenEve();
  testEnvironment.schedule('2026-04-01T03:00:00Z');
  await testEnvironment.until('2026-04-02T03:00:00Z');
  const { shard, label } = claims[0]!;
  const late = { period: '2026-03', wave: 3, batch: 0, shard, labels: [label] };
  await testEnvironment.rotationQueue.send([{ kind: 'rotate', ...late }]);
  await testEnvironment.settle();
  expect(testEnvironment.events).toContainEqual({
    kind: 'dropped',
    period: '2026-03',
    latest: '2026-04',
  });
  for (const claim of claims)
    expect((await testEnvironment.claim(claim)).rotated?.period).toBe('2026-04');
});

test('a request about a label that no claim has does nothing', async () => {
  const { testEnvironment } = await givenEve();
  await testEnvironment.rotationQueue.send([
    { kind: 'mend', shard: 's9' as never, label: 'x' as Label },
  ]);
  await testEnvironment.settle();
  expect(testEnvironment.dead).toEqual([]);
});

/** Until it is repaired. */
function givenMalformed({ claims }: TestEnvironment, { label }: Claim): () => void {
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
    const { testEnvironment, claims } = await givenEve();
    const [bad, ...others] = claims as [Claim, ...Claim[]];
    const repair = givenMalformed(testEnvironment, bad);
    testEnvironment.schedule('2026-03-01T03:00:00Z');
    await testEnvironment.until('2026-03-03T00:00:00Z');
    repair();

    for (const claim of others) expect(await testEnvironment.states(claim)).toEqual(done);
    expect((await testEnvironment.runs.progress('2026-03')).tally).toEqual({
      rotated: 2,
      failed: 1,
    });
    expect((await testEnvironment.runs.latest())?.finishedAt).toBeDefined();
    expect(testEnvironment.events).toContainEqual(
      expect.objectContaining({ kind: 'faulty', label: bad.label }),
    );
  });

  test('of a claim keeps no other key from being revoked; the message ends as a dead letter', async () => {
    const testEnvironment = new TestEnvironment();
    const [bad, good] = [
      await testEnvironment.givenVerified(),
      await testEnvironment.givenVerified(),
    ];
    const repair = givenMalformed(testEnvironment, bad);
    const keys = [bad, good].map(({ label, keys: [{ id }] }) => ({ label, keyId: id }));
    await testEnvironment.rotationQueue.send([{ kind: 'revoke', shard: bad.shard, keys }]);
    await testEnvironment.advance(2 * 3600_000);
    repair();

    const ids = keys.map(({ keyId }) => keyId);
    expect(await testEnvironment.revokedKeys.among(ids)).toEqual(new Set(ids));
    expect((await testEnvironment.states(good))[0]).toBe('zero revoked');
    expect(testEnvironment.dead).toContainEqual(expect.objectContaining({ kind: 'revoke' }));
  });
});
