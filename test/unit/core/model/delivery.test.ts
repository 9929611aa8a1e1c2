import { describe, expect, test } from 'vitest';
import {
  afterAttempt,
  delayUntil,
  RETRY_SECONDS,
  type Delivery,
  type DeliveryAttempt,
} from '#shared/core/model/delivery.ts';

const at = '2026-11-20T10:00:00.000Z';
const fresh: Delivery = { state: 'pending', attempts: [] };
const after = (attempt: Omit<DeliveryAttempt, 'at'>, before = fresh, random = 0) =>
  afterAttempt(before, { at, ...attempt }, random);

describe('a delivery', () => {
  test.each([200, 204, 299])('is done with %i', (status) => {
    expect(after({ status })).toEqual({ state: 'delivered', attempts: [{ at, status }] });
  });

  test.each([{ status: 199 }, { status: 301 }, { status: 404 }, { status: 500 }, { error: 'x' }])(
    'goes on with %j',
    (attempt) => {
      expect(after(attempt)).toMatchObject({
        state: 'pending',
        nextAt: '2026-11-20T10:00:05.000Z',
      });
    },
  );

  test('ends where the endpoint is gone', () => {
    expect(after({ status: 410 }).state).toBe('failed');
  });

  test('ends after 8 attempts over a day and more', () => {
    let delivery = fresh;
    let seconds = 0;
    while (delivery.state === 'pending') {
      delivery = after({ status: 500 }, delivery);
      if (delivery.nextAt) seconds += (Date.parse(delivery.nextAt) - Date.parse(at)) / 1000;
    }
    expect(delivery).toMatchObject({ state: 'failed' });
    expect(delivery.attempts).toHaveLength(RETRY_SECONDS.length + 1);
    expect(delivery.nextAt).toBeUndefined();
    expect(seconds).toBeGreaterThan(24 * 3600);
  });

  test('waits a little longer by chance', () => {
    expect(after({ status: 500 }, fresh, 1).nextAt).toBe('2026-11-20T10:00:05.500Z');
  });
});

test('a message waits as long as a queue can, and not where it is due', () => {
  const now = new Date(at);
  expect(delayUntil(undefined, now)).toBe(0);
  expect(delayUntil('2026-11-20T09:00:00.000Z', now)).toBe(0);
  expect(delayUntil('2026-11-20T10:00:04.200Z', now)).toBe(5);
  expect(delayUntil('2026-11-20T20:00:00.000Z', now)).toBe(900);
});
