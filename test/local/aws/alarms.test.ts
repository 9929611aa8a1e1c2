import { describe, expect, test } from 'vitest';
import { type DeclaredAlarm, stateOf } from '../../../local/aws/alarms.ts';
import { evaluateMath } from '../../../local/aws/metric-math.ts';
import { Metrics } from '../../../local/aws/metrics.ts';

const MINUTE = 60_000;
const metric = { namespace: 'N', name: 'M', dimensions: { A: 'a' } };

const alarm = (changes: Partial<DeclaredAlarm> = {}): DeclaredAlarm => ({
  name: 'an alarm',
  metrics: [{ id: 'm', metric, statistic: 'Sum' }],
  periodSeconds: 60,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  threshold: 3,
  comparison: 'GreaterThanOrEqualToThreshold',
  missing: 'notBreaching',
  ...changes,
});

/** Values in the minutes before now, the last minute first; undefined: none. */
function given(...values: (number | undefined)[]): { metrics: Metrics; now: number } {
  const now = 1_000 * MINUTE;
  const metrics = new Metrics();
  values.forEach((value, index) => {
    if (value !== undefined) metrics.add(metric, value, now - (index + 1) * MINUTE);
  });
  return { metrics, now };
}

const state = (declared: DeclaredAlarm, ...values: (number | undefined)[]) => {
  const { metrics, now } = given(...values);
  return stateOf(declared, metrics, now);
};

describe('an alarm', () => {
  test('needs its threshold in every period, where it does not say in how many', () => {
    expect(state(alarm(), 3, 3)).toBe('ALARM');
    expect(state(alarm(), 3, 2)).toBe('OK');
    expect(state(alarm({ datapointsToAlarm: 1 }), 2, 3)).toBe('ALARM');
  });

  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['ignore', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
  ] as const)('without data, which is %s, is %s', (missing, expected) => {
    expect(state(alarm({ missing }))).toBe(expected);
  });

  test.each([
    ['GreaterThanThreshold', 3, 'OK'],
    ['GreaterThanThreshold', 4, 'ALARM'],
    ['LessThanThreshold', 3, 'OK'],
    ['LessThanThreshold', 2, 'ALARM'],
    ['LessThanOrEqualToThreshold', 3, 'ALARM'],
  ] as const)('%s at %s is %s', (comparison, value, expected) => {
    expect(state(alarm({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 }), value)).toBe(
      expected,
    );
  });

  test.each([
    ['Sum', 6],
    ['Average', 2],
    ['Minimum', 1],
    ['Maximum', 3],
    ['SampleCount', 3],
  ] as const)('reads the %s of a period', (statistic, expected) => {
    const { metrics, now } = given(1, 2, 3);

    expect(metrics.read(metric, statistic, now - 3 * MINUTE, now)).toBe(expected);
    expect(metrics.read({ ...metric, dimensions: {} }, statistic, 0, now)).toBeUndefined();
  });

  test('reads what functions print in the embedded metric format', () => {
    const metrics = new Metrics();
    metrics.addEmbedded({
      _aws: {
        Timestamp: 5 * MINUTE,
        CloudWatchMetrics: [
          { Namespace: 'N', Dimensions: [['A']], Metrics: [{ Name: 'M', Unit: 'Count' }] },
        ],
      },
      A: 'a',
      M: 7,
    });
    metrics.addEmbedded({ message: 'a line' });

    expect(metrics.read(metric, 'Sum', 5 * MINUTE, 6 * MINUTE)).toBe(7);
  });
});

describe('metric math', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['a - b', 3],
    ['IF(a > b AND b == 2, 1, 0)', 1],
    ['IF(a < b OR b != 2, 1, 0)', 0],
    ['FILL(none, 4) + a', 9],
    ['none + a', undefined],
  ])('computes %s', (expression, expected) => {
    expect(evaluateMath(expression, { a: 5, b: 2, none: undefined })).toBe(expected);
  });

  test.each(['a +', 'unknown', 'SEARCH(a, b)', 'a b', 'a $ b', '(a'])(
    'refuses %s',
    (expression) => {
      expect(() => evaluateMath(expression, { a: 5, b: 2 })).toThrow(expression);
    },
  );
});
