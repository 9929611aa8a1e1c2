import { expect, test } from 'vitest';
import type { RecordStatus } from '#shared/core/model/check.ts';
import { progressOf } from '#shared/core/records/progress.ts';

const record = (required: boolean, status: RecordStatus) => ({ required, status });

test('required and recommended records are counted apart, and what works is right', () => {
  expect(
    progressOf([
      record(true, 'ok'),
      record(true, 'warning'),
      record(true, 'missing'),
      record(true, 'unknown'),
      record(false, 'ok-external'),
      record(false, 'wrong'),
      record(false, 'preparing'),
    ]),
  ).toEqual({ required: { right: 2, total: 4 }, recommended: { right: 1, total: 3 } });
  expect(progressOf([])).toEqual({
    required: { right: 0, total: 0 },
    recommended: { right: 0, total: 0 },
  });
});
