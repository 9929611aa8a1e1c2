import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { labelOf, type DomainName } from '#shared/core/model/names.ts';
import { WAVES, waveOf } from '#shared/core/model/rotation.ts';
import type { RotateRequest } from '#shared/app/ports/rotation-requests.ts';
import { newRun } from '#shared/app/ports/rotation-runs.ts';
import { whyHalted } from '../../../../lambdas/rotation-planner/advance.ts';
import { queueSome } from '../../../../lambdas/rotation-planner/queue-wave.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { currentOf, TestEnvironment } from './test-environment.ts';

const labels = Array.from({ length: 5_000 }, (_, index) => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, index * 2_654_435_761);
  return labelOf(bytes);
});

describe('the waves', () => {
  test('are the operator’s own, 1%, 10% and the rest; others go first each month', () => {
    expect(WAVES).toHaveLength(4);
    const share = (wave: number, period: string) =>
      labels.filter((label) => waveOf(label, period) === wave);
    expect(share(0, '2026-02')).toEqual([]);
    expect(share(1, '2026-02').length / labels.length).toBeCloseTo(0.01, 2);
    expect(share(2, '2026-02').length / labels.length).toBeCloseTo(0.1, 1);
    expect(share(1, '2026-02')).not.toEqual(share(1, '2026-03'));
  });

  test('come one after the other, each watched for an hour, and meet every claim once', async () => {
    const testEnvironment = new TestEnvironment();
    const claims: Claim[] = [];
    for (let count = 0; count < 400; count += 1) claims.push(await testEnvironment.givenVerified());
    Object.assign(testEnvironment.plannerPorts.settings, {
      ownDomains: [claims[7]!.domain, 'nobody.example' as DomainName],
    });
    await testEnvironment.until('2026-01-31T00:00:00Z');
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-02T00:00:00Z');
    const began = testEnvironment.events.flatMap((event) =>
      event.kind === 'began' ? [[event.run.wave, event.run.stageSince.slice(11, 16)]] : [],
    );
    expect(began.map(([wave]) => wave)).toEqual([0, 1, 2, 3]);
    const waves = Map.groupBy(
      await Promise.all(claims.map((claim) => testEnvironment.claim(claim))),
      ({ rotated }) => rotated?.wave ?? -1,
    );
    expect(waves.get(-1)).toBeUndefined();
    expect(waves.get(0)?.map(({ domain }) => domain)).toEqual([claims[7]!.domain]);
    for (const [wave, members] of waves) {
      if (wave === 0) continue;
      expect(new Set(members.map(({ label }) => waveOf(label, '2026-02')))).toEqual(
        new Set([wave]),
      );
    }
    const ends = [0, 1, 2, 3].map((wave) =>
      (waves.get(wave) ?? []).map(({ rotated }) => Date.parse(rotated!.at)),
    );
    for (const [before, after] of [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      if (ends[before]!.length === 0 || ends[after]!.length === 0) continue;
      const gap = Math.min(...ends[after]!) - Math.max(...ends[before]!);
      expect(gap).toBeGreaterThanOrEqual(3_600_000);
    }
    expect((await testEnvironment.runs.progress('2026-02')).tally).toEqual({ rotated: 400 });
  });

  test('queue claims of one shard together, in batches of one Route 53 request', async () => {
    const testEnvironment = new TestEnvironment();
    for (let count = 0; count < 200; count += 1) await testEnvironment.givenVerified();
    const requests: RotateRequest[] = [];
    const send = testEnvironment.rotationQueue.send.bind(testEnvironment.rotationQueue);
    testEnvironment.rotationQueue.send = async (all, options) => {
      for (const request of all) if (request.kind === 'rotate') requests.push(request);
      await send(all, options);
    };
    await testEnvironment.until('2026-01-31T00:00:00Z');
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-02T00:00:00Z');
    const rest = requests.filter(({ wave }) => wave === 3);
    expect(rest.slice(0, -1).map(({ labels: { length } }) => length)).toEqual(
      Array.from({ length: rest.length - 1 }, () => 38),
    );
    const all = requests.flatMap((request) => request.labels);
    expect(new Set(all).size).toBe(200);
    expect(all).toHaveLength(200);
  });
});

describe('the brake', () => {
  const none = { batches: 0, verified: 0, unverified: 0 };
  const waves = (verified: number, unverified: number) => [
    none,
    { batches: 1, verified, unverified },
    none,
    none,
  ];

  test.each([
    [0, 0, false],
    [1_000, 1, false],
    [998, 1, true],
    [0, 1, true],
    [9_990, 11, true],
    [9_991, 9, false],
  ])('of %i that verify and %i that do not: halted %s', (verified, unverified, halted) => {
    expect(whyHalted({}, { waves: waves(verified, unverified) }) !== undefined).toBe(halted);
  });

  test('what a person has acknowledged halts no more, what fails after it does', () => {
    const acknowledged = [0, 3, 0, 0];
    expect(whyHalted({ pardoned: acknowledged }, { waves: waves(10, 3) })).toBeUndefined();
    expect(whyHalted({ pardoned: acknowledged }, { waves: waves(10, 4) })).toContain('4 of 14');
  });

  test('halts the run in its wave: no domain of a later wave moves on', async () => {
    const testEnvironment = new TestEnvironment();
    const claims: Claim[] = [];
    for (let count = 0; count < 300; count += 1) claims.push(await testEnvironment.givenVerified());
    await testEnvironment.until('2026-01-31T00:00:00Z');
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-01T03:10:00Z');
    const wave = (await testEnvironment.runs.latest())!.wave;
    expect(wave).toBe(1);
    await testEnvironment.runs.countSample({ period: '2026-02', wave, verified: false });
    await testEnvironment.until('2026-02-03T00:00:00Z');
    const run = await testEnvironment.runs.latest();
    expect(run?.halted?.reason).toContain('1 of 1 sampled mails');
    expect(testEnvironment.events.filter(({ kind }) => kind === 'halted')).toHaveLength(1);
    const after = await Promise.all(claims.map((claim) => testEnvironment.claim(claim)));
    for (const claim of after) {
      const isOfWave = waveOf(claim.label, '2026-02') === 1;
      expect(currentOf(claim).selector).toBe(isOfWave ? 'one' : 'zero');
    }
    expect(after.some(({ rotated }) => rotated?.wave === 1)).toBe(true);
  });

  test('stops also what is queued already, until the run is resumed', async () => {
    const testEnvironment = new TestEnvironment();
    const claims: Claim[] = [];
    for (let count = 0; count < 120; count += 1) claims.push(await testEnvironment.givenVerified());
    await testEnvironment.until('2026-01-31T00:00:00Z');
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-01T05:01:00Z');
    const run = (await testEnvironment.runs.latest())!;
    expect(run).toMatchObject({ wave: 3 });
    const halted = { at: testEnvironment.now.toISOString(), reason: 'planted' };
    await testEnvironment.runs.save({ ...run, revision: run.revision + 1, halted });
    const moved = async () =>
      (await Promise.all(claims.map((claim) => testEnvironment.claim(claim)))).filter(
        ({ rotated }) => rotated !== undefined,
      ).length;
    const before = await moved();
    await testEnvironment.until('2026-02-02T00:00:00Z');
    expect(await moved()).toBe(before);
    const now = (await testEnvironment.runs.latest())!;
    const { halted: _, ...rest } = now;
    await testEnvironment.runs.save({ ...rest, revision: now.revision + 1 });
    await testEnvironment.resume();
    await testEnvironment.until('2026-02-03T00:00:00Z');
    expect(await moved()).toBe(120);
    expect((await testEnvironment.runs.progress('2026-02')).tally).toEqual({ rotated: 120 });
  });
});

test('two planners at one run queue some claims twice, and count each once', async () => {
  const testEnvironment = new TestEnvironment();
  for (let count = 0; count < 100; count += 1) await testEnvironment.givenVerified();
  await testEnvironment.until('2026-01-31T00:00:00Z');
  testEnvironment.schedule('2026-02-01T03:00:00Z');
  for (let minute = 0; minute < 300; minute += 1) {
    testEnvironment.at(Date.parse('2026-02-01T03:00:00Z') + minute * 60_000, () =>
      Promise.all([testEnvironment.continue(), testEnvironment.continue()]).then(() => {}),
    );
  }
  await testEnvironment.until('2026-02-02T00:00:00Z');
  expect((await testEnvironment.runs.progress('2026-02')).tally).toEqual({ rotated: 100 });
  expect(testEnvironment.events.some(({ kind }) => kind === 'overtaken')).toBe(true);
});

test.each(['holder', 'claim'])(
  'a malformed %s of an own domain keeps no other own domain from the first wave',
  async (what) => {
    const testEnvironment = new TestEnvironment();
    const [bad, good] = [
      await testEnvironment.givenVerified(),
      await testEnvironment.givenVerified(),
    ];
    const { claims, plannerPorts } = testEnvironment;
    Object.assign(plannerPorts.settings, { ownDomains: [bad.domain, good.domain] });
    if (what === 'holder') {
      claims.holder = malformed(claims.holder.bind(claims), (domain) => domain === bad.domain);
    } else {
      claims.getByLabels = malformed(claims.getByLabels.bind(claims), (asked) =>
        asked.includes(bad.label),
      );
    }
    testEnvironment.rotationQueue.take();
    const queued = await queueSome(newRun('2026-02', '2026-02-01T03:00:00Z'), 100, plannerPorts);
    expect(queued).toMatchObject({ claims: 1, cursor: undefined });
    expect(testEnvironment.rotationQueue.take()).toMatchObject([
      { request: { labels: [good.label] } },
    ]);
  },
);
