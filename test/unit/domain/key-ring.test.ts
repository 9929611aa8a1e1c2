import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compromise,
  currentKey,
  CURRENT_SIGNS_DAYS,
  IllegalMove,
  newKeyRing,
  NEXT_INSYNC_HOURS,
  PREVIOUS_KEPT_DAYS,
  promoteFit,
  replaceRevoked,
  REVOKED_SHOWN_DAYS,
  rotate,
  slotToRefill,
  slotToReplace,
  stepBack,
  whyNotDue,
  type KeyRing,
  type RingKey,
  type SlotKey,
} from '#shared/domain/key-ring.ts';
import type { KeyId, Selector } from '#shared/domain/names.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (days: number) => new Date(Date.parse('2026-01-01T03:00:00.000Z') + days * DAY);
const iso = (days: number) => at(days).toISOString();

const key = (id: string, selector: string, created = iso(0)): SlotKey => ({
  id: id as KeyId,
  selector: selector as Selector,
  algorithm: 'rsa-sha256',
  publicKey: `public-${id}`,
  wrappedPrivateKey: `wrapped-${id}`,
  createdAt: created,
});

const born = () => newKeyRing([key('a', 'zero'), key('b', 'one'), key('c', 'two')]);
const states = (ring: KeyRing) => ring.map(({ id, state }) => `${id} ${state}`);
const always = () => true;

describe('a monthly rotation', () => {
  test('first makes the spare the next key, and from then on refills the previous slot', () => {
    const first = rotate(born(), undefined, iso(30));
    expect(states(first)).toEqual(['a previous', 'b current', 'c next']);
    expect(slotToRefill(first)?.selector).toBe('zero');
    const second = rotate(first, key('d', 'zero'), iso(60));
    expect(states(second)).toEqual(['d next', 'b previous', 'c current']);
    expect(second[1]).toMatchObject({ firstSignedAt: iso(30), lastSignedAt: iso(60) });
    expect(states(rotate(second, key('e', 'one'), iso(90)))).toEqual([
      'd current',
      'e next',
      'c previous',
    ]);
  });

  test('refuses a fresh key for another slot than the one it refills', () => {
    const first = rotate(born(), undefined, iso(30));
    expect(() => rotate(first, undefined, iso(60))).toThrow(IllegalMove);
    expect(() => rotate(first, key('d', 'one'), iso(60))).toThrow(IllegalMove);
    expect(() => rotate(born(), key('d', 'two'), iso(60))).toThrow(IllegalMove);
  });

  test('is not due until all three waiting times are over, and says until when', () => {
    const ring = rotate(born(), undefined, iso(30));
    const due = (days: number, insync: string | undefined) =>
      whyNotDue(ring, iso(0), insync, at(days));
    expect(due(40, iso(0))).toEqual({
      reason: 'current-too-young',
      retryAt: iso(30 + CURRENT_SIGNS_DAYS),
    });
    expect(due(45, undefined)).toEqual({ reason: 'next-not-insync-long-enough' });
    expect(due(45, iso(44))).toEqual({
      reason: 'next-not-insync-long-enough',
      retryAt: iso(44 + NEXT_INSYNC_HOURS / 24),
    });
    expect(due(45, iso(40))).toBeUndefined();
  });

  test('of a first key counts from when the claim began to sign', () => {
    expect(whyNotDue(born(), undefined, iso(0), at(60))).toEqual({ reason: 'current-too-young' });
    expect(whyNotDue(born(), iso(50), iso(0), at(60))).toMatchObject({
      reason: 'current-too-young',
    });
    expect(whyNotDue(born(), iso(30), iso(0), at(60))).toBeUndefined();
  });

  test('is not due while the previous key may still be verified', () => {
    const back = stepBack(rotate(born(), undefined, iso(30)), iso(50));
    const again = stepBack(back, iso(50 + CURRENT_SIGNS_DAYS - 1));
    expect(whyNotDue(again, undefined, iso(0), at(50 + CURRENT_SIGNS_DAYS))).toMatchObject({
      reason: 'current-too-young',
    });
    const [zero, one, two] = rotate(born(), undefined, iso(30));
    const late: KeyRing = [{ ...zero, lastSignedAt: iso(44) }, one, two];
    expect(whyNotDue(late, undefined, iso(0), at(45))).toEqual({
      reason: 'previous-too-fresh',
      retryAt: iso(44 + PREVIOUS_KEPT_DAYS),
    });
  });
});

describe('a step back', () => {
  test('swaps current and previous, and keeps when each signed', () => {
    const ring = stepBack(rotate(born(), undefined, iso(30)), iso(31));
    expect(states(ring)).toEqual(['a current', 'b previous', 'c next']);
    expect(ring[0].lastSignedAt).toBeUndefined();
    expect(ring[1]).toMatchObject({ firstSignedAt: iso(30), lastSignedAt: iso(31) });
  });

  test('is refused where there is nothing to step back from or to', () => {
    expect(() => stepBack(born(), iso(1))).toThrow(IllegalMove);
    const paused = compromise(rotate(born(), undefined, iso(30)), () => false, iso(31));
    expect(() => stepBack(paused, iso(32))).toThrow(IllegalMove);
  });
});

describe('a compromise', () => {
  test('revokes the current key and promotes the next one where it is fit', () => {
    const ring = compromise(rotate(born(), undefined, iso(30)), always, iso(40));
    expect(states(ring)).toEqual(['a previous', 'b revoked', 'c current']);
  });

  test('falls back to an intact previous key', () => {
    const ring = compromise(rotate(born(), undefined, iso(30)), ({ id }) => id === 'a', iso(40));
    expect(states(ring)).toEqual(['a current', 'b revoked', 'c next']);
  });

  test('makes the spare the next key', () => {
    expect(states(compromise(born(), ({ id }) => id === 'b', iso(1)))).toEqual([
      'a revoked',
      'b current',
      'c next',
    ]);
  });

  test('pauses signing where nothing is fit, until something is', () => {
    const paused = compromise(born(), () => false, iso(1));
    expect(states(paused)).toEqual(['a revoked', 'b next', 'c spare']);
    expect(whyNotDue(paused, iso(0), iso(0), at(60))).toEqual({ reason: 'no-current' });
    expect(promoteFit(paused, () => false, iso(2))).toBe(paused);
    expect(states(promoteFit(paused, always, iso(3)))).toEqual([
      'a revoked',
      'b current',
      'c next',
    ]);
    expect(() => compromise(paused, always, iso(2))).toThrow(IllegalMove);
    expect(() => rotate(paused, undefined, iso(60))).toThrow(IllegalMove);
  });

  test('changes nothing where a key signs already', () => {
    const ring = born();
    expect(promoteFit(ring, always, iso(1))).toBe(ring);
  });

  test('gives the slot a fresh key after seven days of p=', () => {
    const ring = compromise(rotate(born(), undefined, iso(30)), always, iso(40));
    expect(slotToReplace(ring, at(40 + REVOKED_SHOWN_DAYS - 0.1))).toBeUndefined();
    expect(slotToReplace(ring, at(40 + REVOKED_SHOWN_DAYS))?.selector).toBe('one');
    expect(() => replaceRevoked(ring, key('d', 'one'), iso(41))).toThrow(IllegalMove);
    expect(() => replaceRevoked(ring, key('d', 'zero'), iso(50))).toThrow(IllegalMove);
    expect(states(replaceRevoked(ring, key('d', 'one'), iso(50)))).toEqual([
      'a previous',
      'd next',
      'c current',
    ]);
    expect(whyNotDue(ring, undefined, iso(0), at(60))).toEqual({ reason: 'no-next' });
    const early = compromise(born(), always, iso(1));
    expect(states(replaceRevoked(early, key('d', 'zero'), iso(9)))).toEqual([
      'd spare',
      'b current',
      'c next',
    ]);
    expect(states(rotate(early, undefined, iso(40)))).toEqual([
      'a revoked',
      'b previous',
      'c current',
    ]);
  });
});

/** Anything that may happen to a ring; what is not allowed at the moment does nothing. */
type Step =
  | { kind: 'wait'; hours: number }
  | { kind: 'rotate' | 'step back' | 'compromise' | 'end the pause' | 'replace' }
  | { kind: 'publish'; slot: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      hours: fc.integer({ min: 1, max: 24 * 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      slot: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'step back' as const,
        'compromise' as const,
        'end the pause' as const,
        'replace' as const,
      ),
    }),
  },
);

test('no interleaving breaks what a ring promises', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = Date.parse(iso(0));
      let ring = born();
      let made = 0;
      const insync = new Map<string, number>(ring.map(({ id }) => [id, now]));
      const revoked = new Set<string>();
      const lastSigned = new Map<string, number>();
      const stamp = () => new Date(now).toISOString();
      const fresh = (selector: Selector) => key(`fresh${(made += 1)}`, selector, stamp());
      const fit = ({ id }: RingKey) => now - (insync.get(id) ?? now) >= NEXT_INSYNC_HOURS * HOUR;

      for (const action of steps) {
        const before = ring;
        const signing = currentKey(ring);
        if (signing !== undefined) lastSigned.set(signing.id, now);
        if (action.kind === 'wait') {
          now += action.hours * HOUR;
          if (signing !== undefined) lastSigned.set(signing.id, now);
          continue;
        }
        if (action.kind === 'publish') {
          const { id } = ring[action.slot]!;
          if (!insync.has(id)) insync.set(id, now);
          continue;
        }
        ring = move(action.kind, ring);
        check(before, ring, action.kind);
      }

      function move(kind: Exclude<Step['kind'], 'wait' | 'publish'>, from: KeyRing): KeyRing {
        try {
          switch (kind) {
            case 'rotate': {
              const next = from.find(({ state }) => state === 'next');
              const since = next && insync.get(next.id);
              const insyncSince = since === undefined ? undefined : new Date(since).toISOString();
              if (whyNotDue(from, iso(0), insyncSince, new Date(now)) !== undefined) return from;
              const slot = slotToRefill(from);
              return rotate(from, slot && fresh(slot.selector), stamp());
            }
            case 'step back':
              return stepBack(from, stamp());
            case 'compromise':
              return compromise(from, fit, stamp());
            case 'end the pause':
              return promoteFit(from, fit, stamp());
            case 'replace': {
              const slot = slotToReplace(from, new Date(now));
              return slot === undefined
                ? from
                : replaceRevoked(from, fresh(slot.selector), stamp());
            }
          }
        } catch (error) {
          if (error instanceof IllegalMove) return from;
          throw error;
        }
      }

      function check(before: KeyRing, after: KeyRing, kind: string): void {
        for (const { id, state } of after) if (state === 'revoked') revoked.add(id);
        const current = after.filter(({ state }) => state === 'current');
        expect(current.length).toBeLessThanOrEqual(1);
        expect(after.map(({ selector }) => selector)).toEqual(['zero', 'one', 'two']);
        if (current.length === 0) {
          expect(currentKey(before) === undefined || kind === 'compromise').toBe(true);
          if (kind === 'end the pause')
            expect(after.some((each) => each.state !== 'revoked' && fit(each))).toBe(false);
        }
        const promoted = current[0];
        if (promoted !== undefined && promoted.id !== currentKey(before)?.id) {
          expect(revoked.has(promoted.id)).toBe(false);
          expect(fit(promoted) || promoted.firstSignedAt !== stamp()).toBe(true);
        }
        for (const [slot, old] of before.entries()) {
          if (old.id === after[slot]!.id || old.state === 'revoked') continue;
          const last = lastSigned.get(old.id);
          if (last !== undefined)
            expect(now - last).toBeGreaterThanOrEqual(PREVIOUS_KEPT_DAYS * DAY);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
