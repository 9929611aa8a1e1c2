import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirmAddresses, type FlatteningState } from '#shared/core/spf/confirm-addresses.ts';

const now = '2026-11-20T10:00:00.000Z';
const later = (minutes: number) => new Date(Date.parse(now) + minutes * 60_000).toISOString();
const seen = (addresses: readonly string[], ttl?: number) =>
  ({ kind: 'addresses', addresses, ...(ttl === undefined ? {} : { ttl }) }) as const;
const before = ['ip4:192.0.2.0/24', 'ip6:2001:db8::/32'];
const after = ['ip4:192.0.2.0/24', 'ip4:203.0.113.0/24', 'ip6:2001:db8::/32'];

test('addresses seen as published clear other candidates, and are queried again by their TTL', () => {
  const state: FlatteningState = {
    candidate: { addresses: after, since: now },
    held: { detail: 'x', since: now },
    failure: { detail: 'x', since: now },
  };
  expect(confirmAddresses(before, state, seen(before, 7_200), now)).toEqual({
    state: {},
    dueAt: later(120),
  });
  expect(confirmAddresses(before, {}, seen(before), now).dueAt).toBe(later(60));
  expect(confirmAddresses(before, {}, seen(before, 0), now).dueAt).toBe(later(10));
  expect(confirmAddresses(before, {}, seen(before, 1e6), now).dueAt).toBe(later(24 * 60));
});

describe('a change', () => {
  test('is published once a second query agrees, no sooner than five minutes on', () => {
    const first = confirmAddresses(before, {}, seen(after), now);
    expect(first).toEqual({
      state: { candidate: { addresses: after, since: now } },
      dueAt: later(5),
    });
    const early = confirmAddresses(before, first.state, seen(after), later(3));
    expect(early).toEqual({ state: first.state, dueAt: later(5) });
    expect(confirmAddresses(before, early.state, seen(after), later(5))).toMatchObject({
      state: {},
      publish: after,
    });
  });

  test('that is another the second time begins again', () => {
    const { state } = confirmAddresses(before, {}, seen(after), now);
    const other = ['ip4:198.51.100.0/24', ...before];
    expect(confirmAddresses(before, state, seen(other), later(5))).toMatchObject({
      state: { candidate: { addresses: other, since: later(5) } },
    });
  });

  test('is published as the first addresses in the same way', () => {
    const { state, publish } = confirmAddresses(undefined, {}, seen(after), now);
    expect(publish).toBeUndefined();
    expect(confirmAddresses(undefined, state, seen(after), later(6)).publish).toEqual(after);
  });
});

describe('where queries fail', () => {
  const failed = { kind: 'failed', detail: 'DNS does not answer' } as const;
  test('nothing is published, and since when is kept', () => {
    const { state, dueAt, publish } = confirmAddresses(before, {}, failed, now);
    expect({ state, dueAt, publish }).toEqual({
      state: { failure: { detail: 'DNS does not answer', since: now } },
      dueAt: later(15),
      publish: undefined,
    });
    expect(confirmAddresses(before, state, failed, later(15)).state.failure!.since).toBe(now);
  });
});

describe('a shrink of more than half', () => {
  const shrunk = ['ip4:192.0.2.0/26', 'ip6:2001:db8::/32'];
  const agreed = { candidate: { addresses: shrunk, since: now } };

  test('is held, for as long as it is seen', () => {
    const first = confirmAddresses(before, agreed, seen(shrunk), later(5));
    expect(first.publish).toBeUndefined();
    expect(first.state).toEqual({
      ...agreed,
      held: { detail: 'of its 256 IPv4 addresses 64 would be left', since: later(5) },
    });
    const again = confirmAddresses(before, first.state, seen(shrunk), later(70));
    expect(again.state).toEqual(first.state);
  });

  test.each([
    [['ip4:192.0.2.0/25', 'ip6:2001:db8::/33'], true],
    [['ip4:192.0.2.0/24'], false],
    [['ip6:2001:db8::/32'], false],
    [[], false],
  ])('of either family counts: %j', (addresses, publishes) => {
    const state = { candidate: { addresses, since: now } };
    const { publish } = confirmAddresses(before, state, seen(addresses), later(5));
    expect(publish !== undefined).toBe(publishes);
  });
});

test('only addresses seen twice in a row, five minutes apart, are ever published', () => {
  const lists = [before, after, ['ip4:192.0.2.0/24'], [...after, 'ip4:198.51.100.1']];
  const step = fc.record({
    minutes: fc.integer({ min: 1, max: 90 }),
    sees: fc.integer({ min: -1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [published, state, at] = [before as readonly string[], {} as FlatteningState, 0];
      let since: { sees: number; at: number } | undefined;
      for (const { minutes, sees } of steps) {
        at += minutes;
        const what = sees < 0 ? ({ kind: 'failed', detail: 'x' } as const) : seen(lists[sees]!);
        if (sees >= 0 && since?.sees !== sees) since = { sees, at };
        const confirmation = confirmAddresses(published, state, what, later(at));
        expect(confirmation.dueAt > later(at)).toBe(true);
        if (confirmation.publish !== undefined) {
          expect(confirmation.publish).toBe(lists[sees]);
          expect(at - since!.at).toBeGreaterThanOrEqual(5);
          published = confirmation.publish;
        }
        state = confirmation.state;
      }
    }),
  );
});
