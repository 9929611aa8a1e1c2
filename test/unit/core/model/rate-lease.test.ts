import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expectedLeave,
  leaseTokens,
  newRateSchedule,
  nextPlace,
  withGap,
  type LeaseRequest,
  type RateSchedule,
} from '#shared/core/model/rate-lease.ts';
import type { TenantId } from '#shared/core/model/names.ts';

const now = Date.parse('2026-11-20T10:00:00Z');

const mail = (tenant: string, changes: Partial<LeaseRequest> = {}): LeaseRequest => ({
  tenant: tenant as TenantId,
  acceptedAt: '2026-11-20T10:00:00.000Z',
  recipients: 1,
  joining: 1,
  ...changes,
});

const many = (tenant: string, count: number) => Array.from({ length: count }, () => mail(tenant));

/** A schedule after requests at that time. */
const after = (requests: readonly LeaseRequest[], at = now, before = newRateSchedule(10)) =>
  leaseTokens(before, requests, at).schedule;

const leaseOne = (schedule: RateSchedule, request: LeaseRequest, at = now) =>
  leaseTokens(schedule, [request], at).leases[0]!;

describe('tokens', () => {
  test('a mail leaves at once where nobody sends', () => {
    expect(leaseOne(newRateSchedule(10), mail('t_a'))).toEqual({
      kind: 'granted',
      place: 0,
      at: now,
    });
  });

  test('those of the next seconds are leased in order, and who is later knows when to ask again', () => {
    const { leases } = leaseTokens(newRateSchedule(10), many('t_a', 100), now);
    const granted = leases.flatMap((lease) => (lease.kind === 'granted' ? [lease.at - now] : []));
    expect(granted.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 100, 200]);
    expect(leases.at(-1)).toEqual({
      kind: 'wait',
      place: 99,
      expectedAt: now - 500 + 9_900,
      askAt: now - 500 + 9_900 - 1_500,
    });
  });

  test('a call of 50 recipients takes 50', () => {
    const busy = after([mail('t_a', { recipients: 50, joining: 50 })]);
    expect(expectedLeave(busy, nextPlace(busy, 't_b' as TenantId), now)).toBe(now - 500 + 5_000);
  });

  test('a gap is kept by all', () => {
    const paused = withGap(after(many('t_a', 3)), 1_000, now);
    expect(leaseOne(paused, mail('t_b'))).toMatchObject({ kind: 'granted', at: now + 1_000 });
  });

  test('at a low rate a part is left unused, and no call comes early', () => {
    const { leases } = leaseTokens(newRateSchedule(1), many('t_a', 2), now);
    expect(leases).toMatchObject([{ at: now }, { at: now + 1_000 / 0.9 }]);
  });
});

describe('whose mail is next', () => {
  const full = after(many('t_a', 200));

  test('the first mail of a tenant comes before the line of another', () => {
    expect(leaseOne(full, mail('t_b'))).toMatchObject({ kind: 'granted' });
    expect(leaseOne(full, mail('t_a'))).toMatchObject({ kind: 'wait', place: 200 });
  });

  test('a mail keeps its place, and leaves when it is its turn', () => {
    const [, , , , , ...rest] = leaseTokens(newRateSchedule(10), many('t_a', 100), now).leases;
    const place = rest.at(-1)?.place;
    const again = leaseOne(after(many('t_a', 100)), mail('t_a', { place }), now + 8_500);
    expect(again).toMatchObject({ kind: 'wait', place });
  });

  test('a place that passed long ago is none: the mail joins the end of its line', () => {
    const later = { ...full, virtualTime: 10_000, ends: { ['t_a' as TenantId]: 10_200 } };
    expect(leaseOne(later, mail('t_a', { place: 9_500 }))).toMatchObject({ place: 9_500 });
    expect(leaseOne(later, mail('t_a', { place: 9_000 }))).toMatchObject({ place: 10_200 });
  });

  test('a line whose mail is gone ends by itself', () => {
    const hour = after([], now + 3_600_000, full);
    expect(hour.ends).toEqual({});
    expect(hour.virtualTime).toBe(200);
  });
});

/** The mails of each tenant that leave within some seconds, where each has a line of 1,000. */
function leaving(shares: Readonly<Record<string, number>>, seconds: number, rate: number) {
  let schedule = newRateSchedule(rate);
  const left: Record<string, number> = {};
  let line = Object.entries(shares).flatMap(([tenant, share]) =>
    Array.from({ length: 1_000 }, () => ({ request: mail(tenant, { share }), at: now })),
  );
  for (let at = now; at < now + seconds * 1_000; at += 250) {
    const due = line.filter((each) => each.at <= at);
    const next = leaseTokens(
      schedule,
      due.map(({ request }) => request),
      at,
    );
    schedule = next.schedule;
    const again = due.flatMap(({ request }, index) => {
      const lease = next.leases[index]!;
      if (lease.kind === 'wait')
        return [{ request: { ...request, place: lease.place }, at: lease.askAt }];
      left[request.tenant] = (left[request.tenant] ?? 0) + 1;
      return [];
    });
    line = [...line.filter((each) => each.at > at), ...again];
  }
  return left;
}

describe('a tenant with a smaller share', () => {
  test('gets that part of what each other gets, who lose nothing else by it', () => {
    const {
      t_a: one = 0,
      t_b: other = 0,
      t_c: slow = 0,
    } = leaving({ t_a: 1, t_b: 1, t_c: 0.1 }, 60, 14);
    expect(one + other + slow).toBeGreaterThan(60 * 14 * 0.97);
    // Who asked first has the tokens of the first seconds.
    expect(Math.abs(one - other)).toBeLessThan(0.1 * other);
    expect(slow / one).toBeGreaterThan(0.08);
    expect(slow / one).toBeLessThan(0.13);
  });

  test('gets all of it where nobody else sends', () => {
    expect(leaving({ t_c: 0.1 }, 60, 14)['t_c']).toBeGreaterThan(60 * 14 * 0.97);
  });

  test('does not come before the line of another', () => {
    const full = after(many('t_a', 200));
    expect(leaseOne(full, mail('t_b'))).toMatchObject({ kind: 'granted' });
    expect(leaseOne(full, mail('t_b', { share: 0.1 }))).toMatchObject({ kind: 'wait' });
  });

  test('has its full share again with the next mail that joins', () => {
    const slow = after([...many('t_a', 50), mail('t_c', { share: 0.1 })]);
    expect(slow.shares).toEqual({ t_c: 0.1 });
    expect(after([mail('t_c')], now, slow).shares).toBeUndefined();
  });
});

const requests = fc.array(
  fc.record({
    tenant: fc.constantFrom('t_a', 't_b', 't_c'),
    recipients: fc.integer({ min: 1, max: 50 }),
    after: fc.integer({ min: 0, max: 900 }),
  }),
  { maxLength: 60 },
);

test('no more tokens are leased for a time than its seconds allow, and the burst', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 6, max: 200 }), (asked, rate) => {
      let schedule = newRateSchedule(rate);
      let at = now;
      const granted: { at: number; recipients: number }[] = [];
      for (const { tenant, recipients, after: pause } of asked) {
        at += pause;
        const request = mail(tenant, { recipients, joining: recipients });
        const next = leaseTokens(schedule, [request], at);
        const [lease] = next.leases;
        if (lease?.kind === 'granted') granted.push({ at: lease.at, recipients });
        schedule = next.schedule;
      }
      for (const [from, first] of granted.entries()) {
        let tokens = 0;
        for (const each of granted.slice(from)) {
          // The last call is paid for by the time after it.
          expect(tokens).toBeLessThanOrEqual(((each.at - first.at + 500) * rate) / 1_000 + 1e-3);
          tokens += each.recipients;
        }
      }
    }),
  );
});

test('a place is never before one that its tenant was given earlier', () => {
  fc.assert(
    fc.property(requests, (asked) => {
      let schedule = newRateSchedule(14);
      let at = now;
      const last = new Map<string, number>();
      for (const { tenant, recipients, after: pause } of asked) {
        at += pause;
        const next = leaseTokens(schedule, [mail(tenant, { recipients, joining: recipients })], at);
        const { place } = next.leases[0]!;
        expect(place).toBeGreaterThanOrEqual(last.get(tenant) ?? 0);
        last.set(tenant, place);
        schedule = next.schedule;
      }
    }),
  );
});
