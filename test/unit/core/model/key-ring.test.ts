import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compromise,
  currentKey,
  CURRENT_SIGNS_DAYS,
  IllegalMove,
  moveSigning,
  newKeyRing,
  nextKey,
  NEXT_INSYNC_HOURS,
  PREVIOUS_KEPT_DAYS,
  promoteFit,
  replaceableAt,
  replaceKey,
  REVOKED_SHOWN_DAYS,
  rotate as rotateRing,
  slotToRefill,
  slotToReplace,
  stepBack,
  whyNotDue,
  withRevoked,
  type KeyRing,
  type RingKey,
  type SlotKey,
} from '#shared/core/model/key-ring.ts';
import type { KeyId, Selector } from '#shared/core/model/names.ts';
import { DAY_MS as DAY, HOUR_MS as HOUR } from '#shared/core/time.ts';

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

/** A new ring; its first key signs since the same moment. */
const born = (): KeyRing => {
  const [zero, one, two] = newKeyRing([key('a', 'zero'), key('b', 'one'), key('c', 'two')]);
  return [{ ...zero, firstSignedAt: iso(0) }, one, two];
};
/** A rotation of a ring whose claim has signed, and whose records have been INSYNC, since its birth. */
const rotate = (ring: KeyRing, fresh: SlotKey | undefined, now: string) =>
  rotateRing(ring, { promote: 'next', fresh, signingSince: iso(0), insyncSince: iso(0) }, now);
const id = (text: string) => text as KeyId;
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

  test('refuses a new key for another slot than the one it refills', () => {
    const first = rotate(born(), undefined, iso(30));
    expect(() => rotate(first, undefined, iso(60))).toThrow(IllegalMove);
    expect(() => rotate(first, key('d', 'one'), iso(60))).toThrow(IllegalMove);
    expect(() => rotate(born(), key('d', 'two'), iso(60))).toThrow(IllegalMove);
  });

  test('promotes the spare in place of a next key that is broken, and needs no new key for it', () => {
    const step = {
      promote: 'spare' as const,
      fresh: undefined,
      signingSince: iso(0),
      insyncSince: iso(0),
    };
    const ring = rotateRing(born(), step, iso(30));
    expect(states(ring)).toEqual(['a previous', 'b next', 'c current']);
    expect(() => rotateRing(ring, step, iso(60))).toThrow(IllegalMove);
    expect(() => rotateRing(born(), step, iso(13))).toThrow(IllegalMove);
  });

  test('is refused where it is not due, for every caller', () => {
    const step = { promote: 'next' as const, fresh: undefined };
    for (const [signingSince, insyncSince] of [
      [undefined, iso(0)],
      [iso(20), iso(0)],
      [iso(0), undefined],
      [iso(0), iso(28.5)],
    ]) {
      expect(() => rotateRing(born(), { ...step, signingSince, insyncSince }, iso(30))).toThrow(
        IllegalMove,
      );
    }
    const first = rotate(born(), undefined, iso(30));
    expect(() => rotate(first, key('d', 'zero'), iso(30 + CURRENT_SIGNS_DAYS - 0.1))).toThrow(
      IllegalMove,
    );
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
    expect(ring[1].signed).toEqual([{ from: iso(30), to: iso(31) }]);
    const forth = rotate(ring, key('d', 'one'), iso(31 + CURRENT_SIGNS_DAYS));
    expect(forth[0].signed).toEqual([
      { from: iso(0), to: iso(30) },
      { from: iso(31), to: iso(31 + CURRENT_SIGNS_DAYS) },
    ]);
  });

  test('is refused where there is nothing to step back from or to', () => {
    expect(() => stepBack(born(), iso(1))).toThrow(IllegalMove);
    const paused = compromise(rotate(born(), undefined, iso(30)), id('b'), () => false, iso(31));
    expect(() => stepBack(paused, iso(32))).toThrow(IllegalMove);
  });
});

describe('a compromise', () => {
  test('revokes the current key and promotes the next one where it is fit', () => {
    const ring = compromise(rotate(born(), undefined, iso(30)), id('b'), always, iso(40));
    expect(states(ring)).toEqual(['a previous', 'b revoked', 'c current']);
  });

  test('falls back to an intact previous key', () => {
    const ring = compromise(
      rotate(born(), undefined, iso(30)),
      id('b'),
      (each) => each.id === 'a',
      iso(40),
    );
    expect(states(ring)).toEqual(['a current', 'b revoked', 'c next']);
  });

  test('makes the spare the next key', () => {
    expect(states(compromise(born(), id('a'), (each) => each.id === 'b', iso(1)))).toEqual([
      'a revoked',
      'b current',
      'c next',
    ]);
  });

  test('pauses signing where nothing is fit, until something is', () => {
    const paused = compromise(born(), id('a'), () => false, iso(1));
    expect(states(paused)).toEqual(['a revoked', 'b next', 'c spare']);
    expect(whyNotDue(paused, iso(0), iso(0), at(60))).toEqual({ reason: 'no-current' });
    expect(promoteFit(paused, () => false, iso(2))).toBe(paused);
    expect(states(promoteFit(paused, always, iso(3)))).toEqual([
      'a revoked',
      'b current',
      'c next',
    ]);
    expect(states(compromise(paused, id('a'), always, iso(2)))).toEqual([
      'a revoked',
      'b current',
      'c next',
    ]);
    expect(() => compromise(paused, id('x'), always, iso(2))).toThrow(IllegalMove);
    expect(() => rotate(paused, undefined, iso(60))).toThrow(IllegalMove);
  });

  test('changes nothing where a key signs already', () => {
    const ring = born();
    expect(promoteFit(ring, always, iso(1))).toBe(ring);
  });

  test('gives the slot a new key after seven days of p=', () => {
    const ring = compromise(rotate(born(), undefined, iso(30)), id('b'), always, iso(40));
    expect(slotToReplace(ring, at(40 + REVOKED_SHOWN_DAYS - 0.1))).toBeUndefined();
    expect(slotToReplace(ring, at(40 + REVOKED_SHOWN_DAYS))?.selector).toBe('one');
    expect(() => replaceKey(ring, key('d', 'one'), iso(41))).toThrow(IllegalMove);
    expect(() => replaceKey(ring, key('d', 'zero'), iso(50))).toThrow(IllegalMove);
    expect(states(replaceKey(ring, key('d', 'one'), iso(50)))).toEqual([
      'a previous',
      'd next',
      'c current',
    ]);
    expect(whyNotDue(ring, undefined, iso(0), at(60))).toEqual({ reason: 'no-next' });
    const early = compromise(born(), id('a'), always, iso(1));
    expect(states(replaceKey(early, key('d', 'zero'), iso(9)))).toEqual([
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

const rotatedOnce = () => rotate(born(), undefined, iso(30));

describe('signing moves', () => {
  test('to a next key only once that was INSYNC for 48 hours, with the spare after it', () => {
    expect(states(moveSigning(born(), id('b'), iso(1), iso(3)))).toEqual([
      'a previous',
      'b current',
      'c next',
    ]);
    for (const insyncSince of [undefined, iso(1.1)]) {
      expect(() => moveSigning(born(), id('b'), insyncSince, iso(3))).toThrow(IllegalMove);
    }
    expect(states(moveSigning(born(), id('c'), iso(0), iso(3)))).toEqual([
      'a previous',
      'b next',
      'c current',
    ]);
  });

  test('never to the current key, a revoked one, or one of another ring', () => {
    const revoked = compromise(rotatedOnce(), id('b'), always, iso(40));
    for (const to of ['b', 'c', 'x']) {
      expect(() => moveSigning(revoked, id(to), iso(0), iso(41))).toThrow(IllegalMove);
    }
  });

  test('to next, where previous is broken too; the longest retired slot then takes a new key', () => {
    const moved = moveSigning(rotatedOnce(), id('c'), iso(0), iso(35));
    expect(states(moved)).toEqual(['a previous', 'b previous', 'c current']);
    expect(replaceableAt(moved)).toBe(iso(38));
    expect(slotToReplace(moved, at(37.9))).toBeUndefined();
    expect(slotToReplace(moved, at(38))?.id).toBe('a');
    expect(states(replaceKey(moved, key('d', 'zero'), iso(38)))).toEqual([
      'd next',
      'b previous',
      'c current',
    ]);
    expect(states(stepBack(moved, iso(36)))).toEqual(['a previous', 'b current', 'c previous']);
  });
});

describe('keys that were revoked outside the ring', () => {
  test('are revoked in it, from any state', () => {
    const ring = rotate(born(), undefined, iso(30));
    expect(states(withRevoked(ring, new Set(['a', 'c']), iso(31)))).toEqual([
      'a revoked',
      'b current',
      'c revoked',
    ]);
    expect(withRevoked(ring, new Set(['x']), iso(31))).toBe(ring);
    expect(states(withRevoked(born(), new Set(['b']), iso(31)))).toEqual([
      'a current',
      'b revoked',
      'c next',
    ]);
  });
});

/** Moves that change the ring itself; one that is not allowed at the moment does nothing. */
type Move =
  | { kind: 'rotate' | 'rotate to the spare' | 'step back' | 'end the pause' | 'replace' }
  | { kind: 'move' | 'compromise'; slot: number };

/** Anything that may happen to a ring and about it. */
type Step =
  | { kind: 'wait'; hours: number }
  | { kind: 'publish'; slot: number }
  | { kind: 'take a backup' }
  | { kind: 'restore it' }
  | Move;

const slot = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      hours: fc.integer({ min: 1, max: 24 * 40 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), slot }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('rotate' as const, 'rotate to the spare') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('move' as const, 'compromise'), slot }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('step back' as const, 'end the pause', 'replace'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step[]>({ kind: 'take a backup' }, { kind: 'restore it' }),
  },
);

test('no interleaving breaks what a ring promises', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let now = Date.parse(iso(0));
      let ring = born();
      let backup = ring;
      let made = 0;
      const insync = new Map<string, number>(ring.map((each) => [each.id, now]));
      const revoked = new Set<string>();
      const lastSigned = new Map<string, number>();
      const stamp = () => new Date(now).toISOString();
      const fresh = (selector: Selector) => key(`fresh${(made += 1)}`, selector, stamp());
      const insyncOf = (each: RingKey | undefined) => {
        const since = each && insync.get(each.id);
        return since === undefined ? undefined : new Date(since).toISOString();
      };
      const isOld = (each: RingKey) =>
        now - (insync.get(each.id) ?? now) >= NEXT_INSYNC_HOURS * HOUR;
      const fit = (each: RingKey) => insync.has(each.id);

      for (const action of steps) {
        const before = ring;
        const signing = currentKey(ring);
        if (signing !== undefined) lastSigned.set(signing.id, now);
        if (action.kind === 'wait') {
          now += action.hours * HOUR;
          if (signing !== undefined) lastSigned.set(signing.id, now);
        } else if (action.kind === 'publish') {
          const { id: published } = ring[action.slot]!;
          if (!insync.has(published)) insync.set(published, now);
        } else if (action.kind === 'take a backup') {
          backup = ring;
        } else if (action.kind === 'restore it') {
          // The signer refuses it at once; the next check of the ring writes that into it.
          ring = withRevoked(backup, revoked, stamp());
          expect(ring.every((each) => each.state === 'revoked' || !revoked.has(each.id))).toBe(
            true,
          );
        } else {
          ring = move(action, ring);
          check(before, ring, action.kind);
        }
      }

      function move(action: Move, from: KeyRing): KeyRing {
        try {
          switch (action.kind) {
            case 'rotate':
            case 'rotate to the spare': {
              const promote = action.kind === 'rotate' ? 'next' : 'spare';
              const toRefill = slotToRefill(from);
              return rotateRing(
                from,
                {
                  promote,
                  fresh: toRefill && fresh(toRefill.selector),
                  signingSince: iso(0),
                  insyncSince: insyncOf(from.find(({ state }) => state === promote)),
                },
                stamp(),
              );
            }
            case 'move': {
              const to = from[action.slot]!;
              return moveSigning(from, to.id, insyncOf(to), stamp());
            }
            case 'step back':
              return stepBack(from, stamp());
            case 'compromise':
              return compromise(from, from[action.slot]!.id, fit, stamp());
            case 'end the pause':
              return promoteFit(from, fit, stamp());
            case 'replace': {
              const toReplace = slotToReplace(from, new Date(now));
              return toReplace === undefined
                ? from
                : replaceKey(from, fresh(toReplace.selector), stamp());
            }
          }
        } catch (error) {
          if (error instanceof IllegalMove) return from;
          throw error;
        }
      }

      function check(before: KeyRing, after: KeyRing, kind: Move['kind']): void {
        for (const { id: known, state } of after) if (state === 'revoked') revoked.add(known);
        const current = after.filter(({ state }) => state === 'current');
        expect(current.length).toBeLessThanOrEqual(1);
        for (const only of ['next', 'spare']) {
          expect(after.filter(({ state }) => state === only).length).toBeLessThanOrEqual(1);
        }
        expect(after.map(({ selector }) => selector)).toEqual(['zero', 'one', 'two']);
        if (current.length === 0) {
          expect(currentKey(before) === undefined || kind === 'compromise').toBe(true);
          if (kind === 'end the pause' || kind === 'compromise')
            expect(after.some((each) => each.state !== 'revoked' && fit(each))).toBe(false);
        }
        const signs = current[0];
        if (signs !== undefined && signs.id !== currentKey(before)?.id) {
          expect(revoked.has(signs.id)).toBe(false);
          const inEmergency = currentKey(before) === undefined || kind === 'compromise';
          const signedBefore = before.some(
            (each) => each.id === signs.id && each.firstSignedAt !== undefined,
          );
          expect(inEmergency ? fit(signs) : isOld(signs) || signedBefore).toBe(true);
        }
        for (const [index, old] of before.entries()) {
          if (old.id === after[index]!.id) continue;
          expect(['previous', 'revoked']).toContain(old.state);
          const last = lastSigned.get(old.id);
          if (last !== undefined && old.state !== 'revoked')
            expect(now - last).toBeGreaterThanOrEqual(PREVIOUS_KEPT_DAYS * DAY);
          if (old.state === 'revoked')
            expect(now - Date.parse(old.since!)).toBeGreaterThanOrEqual(REVOKED_SHOWN_DAYS * DAY);
        }
        if (nextKey(after) === undefined)
          expect(after.some(({ state }) => state === 'spare')).toBe(false);
      }
    }),
    { numRuns: 3_000 },
  );
});
