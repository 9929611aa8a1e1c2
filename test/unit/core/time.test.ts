import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, later, MINUTE_MS } from '#shared/core/time.ts';

test('a day has 24 hours of 60 minutes', () => {
  expect([MINUTE_MS, HOUR_MS, DAY_MS]).toEqual([60_000, 3_600_000, 86_400_000]);
});

test('later adds to a text and to a date alike, over the end of a month', () => {
  expect(later('2026-11-30T12:00:00.000Z', DAY_MS)).toBe('2026-12-01T12:00:00.000Z');
  const dates = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.integer({ min: -DAY_MS, max: DAY_MS }), (date, milliseconds) => {
      const text = later(date, milliseconds);
      expect(later(date.toISOString(), milliseconds)).toBe(text);
      expect(Date.parse(text) - date.getTime()).toBe(milliseconds);
    }),
  );
});
