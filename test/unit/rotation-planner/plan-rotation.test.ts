import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/domain/claim.ts';
import type { KeyRing, KeyState, RingKey } from '#shared/domain/key-ring.ts';
import type { DomainName } from '#shared/domain/names.ts';
import { rotationDue } from '#shared/domain/rotation.ts';
import { periodOf, planRotation } from '../../../lambdas/rotation-planner/plan-rotation.ts';
import { MemoryClaimStore } from '../../fakes/claim-store.ts';
import { givenClaim } from '../../fakes/given-claim.ts';
import { MemoryRotationRuns } from '../../fakes/rotation-runs.ts';

const now = new Date('2026-11-01T00:00:10.000Z');
const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();

const ring = (...keys: readonly (Partial<RingKey> & { state: KeyState })[]): KeyRing =>
  givenClaim().keys.map((key, index) => ({ ...key, ...keys[index]! })) as unknown as KeyRing;

describe('a ring is due', () => {
  test.each<[string, boolean, KeyRing]>([
    [
      'at its first rotation',
      true,
      ring({ state: 'current', firstSignedAt: daysAgo(14) }, { state: 'next' }, { state: 'spare' }),
    ],
    [
      'before the current key has signed for 14 days',
      false,
      ring(
        { state: 'current', firstSignedAt: daysAgo(13.99) },
        { state: 'next' },
        { state: 'spare' },
      ),
    ],
    [
      'before it ever signed',
      false,
      ring({ state: 'current' }, { state: 'next' }, { state: 'spare' }),
    ],
    [
      'when the previous key has been retired for 8 days',
      true,
      ring(
        { state: 'previous', lastSignedAt: daysAgo(8) },
        { state: 'current', firstSignedAt: daysAgo(30) },
        { state: 'next' },
      ),
    ],
    [
      'before the previous key has been retired for 8 days',
      false,
      ring(
        { state: 'previous', lastSignedAt: daysAgo(7.99) },
        { state: 'current', firstSignedAt: daysAgo(30) },
        { state: 'next' },
      ),
    ],
    [
      'without a next key',
      false,
      ring(
        { state: 'revoked' },
        { state: 'current', firstSignedAt: daysAgo(30) },
        { state: 'spare' },
      ),
    ],
    [
      'without a current key',
      false,
      ring({ state: 'revoked' }, { state: 'revoked' }, { state: 'next' }),
    ],
  ])('%s: %s', (_when, due, keys) => {
    expect(rotationDue(keys, now)).toBe(due);
  });
});

describe('the period of a run', () => {
  test.each([
    ['2026-11-01T00:00:00Z', '2026-11'],
    ['2026-12-31T23:59:59.999Z', '2026-12'],
    ['2027-01-01T00:30:00+01:00', '2026-12'],
  ])('of %s is %s', (time, period) => {
    expect(periodOf(time)).toBe(period);
  });

  test.each([[undefined], ['<aws.scheduler.scheduled-time>'], [''], [5]])(
    'of %j is refused',
    (time) => {
      expect(() => periodOf(time)).toThrow(/is not a time/);
    },
  );
});

describe('a run', () => {
  let claims: MemoryClaimStore;
  let runs: MemoryRotationRuns;
  beforeEach(() => {
    claims = new MemoryClaimStore();
    runs = new MemoryRotationRuns();
  });
  const ports = () => ({ claims, runs, clock: { now: () => now } });
  const due = ring(
    { state: 'current', firstSignedAt: daysAgo(20) },
    { state: 'next' },
    { state: 'spare' },
  );
  const fresh = ring(
    { state: 'current', firstSignedAt: daysAgo(2) },
    { state: 'next' },
    { state: 'spare' },
  );

  async function given(count: number, changes: Partial<Claim>): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const domain =
        `d${index}.${changes.status}.${changes.lifecycle ?? 'live'}.example` as DomainName;
      await claims.create(givenClaim({ ...changes, domain }), {
        pendingPerTenant: 10_000,
        claimsPerShard: 10_000,
      });
    }
  }

  test('counts the claims that sign, over all pages', async () => {
    await given(250, { status: 'verified', keys: due });
    await given(180, { status: 'at-risk', keys: fresh });
    await given(20, { status: 'pending', keys: due });
    await given(20, { status: 'lost', keys: due });
    await given(20, { status: 'verified', lifecycle: 'deleting', keys: due });
    expect(await planRotation(ports(), '2026-11')).toMatchObject({
      period: '2026-11',
      due: 250,
      notDue: 180,
      finishedAt: now.toISOString(),
    });
  });

  test('of a deployment without claims is finished at once', async () => {
    expect(await planRotation(ports(), '2026-11')).toMatchObject({ due: 0, notDue: 0 });
  });

  test('that has finished is not begun again; the next month has its own', async () => {
    await given(3, { status: 'verified', keys: due });
    await planRotation(ports(), '2026-11');
    expect(await planRotation(ports(), '2026-11')).toBeUndefined();
    expect(await planRotation(ports(), '2026-12')).toMatchObject({ period: '2026-12', due: 3 });
  });

  test('that was cut short goes on where it stopped, and counts nothing twice', async () => {
    await given(450, { status: 'verified', keys: due });
    let pages = 0;
    const failing = {
      ...ports(),
      claims: {
        scan: (page: { cursor?: string; limit: number }) => {
          pages += 1;
          if (pages === 2) return Promise.reject(new Error('out of time'));
          return claims.scan(page);
        },
      },
    };
    await expect(planRotation(failing, '2026-11')).rejects.toThrow('out of time');
    expect(runs.runs.get('2026-11')).toMatchObject({ due: 200, cursor: expect.any(String) });
    expect(await planRotation(ports(), '2026-11')).toMatchObject({ due: 450, notDue: 0 });
    expect(runs.runs.get('2026-11')).not.toHaveProperty('cursor');
  });

  test('of two calls at once goes on in one', async () => {
    await given(450, { status: 'verified', keys: due });
    const outcomes = await Promise.allSettled([
      planRotation(ports(), '2026-11'),
      planRotation(ports(), '2026-11'),
    ]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(runs.runs.get('2026-11')).toMatchObject({ due: 450, finishedAt: now.toISOString() });
  });
});
