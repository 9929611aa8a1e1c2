import { evaluateMath } from './metric-math.ts';
import type { MetricName, Metrics, Statistic } from './metrics.ts';

/** A metric of an alarm, under the id that its expression knows it by. */
export interface AlarmMetric {
  readonly id: string;
  readonly metric: MetricName;
  readonly statistic: Statistic;
}

/** An alarm as a template declares it. */
export interface DeclaredAlarm {
  readonly name: string;
  readonly metrics: readonly AlarmMetric[];
  /** Metric math over them; absent: the one metric itself. */
  readonly expression?: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: (typeof comparisons)[number];
  readonly missing: (typeof missingData)[number];
}

export const comparisons = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const;

export const missingData = ['breaching', 'notBreaching', 'ignore', 'missing'] as const;

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const MINUTE_MS = 60_000;

/**
 * The state of an alarm, from what its metrics have at a time. The periods are those that end at the
 * last full minute. `ignore` keeps a state that is not kept here, so it counts as no breach.
 *
 * @param now epoch milliseconds
 */
export function stateOf(alarm: DeclaredAlarm, metrics: Metrics, now: number): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, missing } = alarm;
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const values = Array.from({ length: evaluationPeriods }, (_, index) =>
    valueOf(alarm, metrics, end - index * alarm.periodSeconds * 1_000),
  );
  if (missing === 'missing' && values.every((value) => value === undefined)) {
    return 'INSUFFICIENT_DATA';
  }
  const breaching = values.filter((value) =>
    value === undefined ? missing === 'breaching' : isBreach(alarm, value),
  );
  return breaching.length >= datapointsToAlarm ? 'ALARM' : 'OK';
}

function valueOf(
  { metrics: of, expression, periodSeconds }: DeclaredAlarm,
  metrics: Metrics,
  end: number,
): number | undefined {
  const from = end - periodSeconds * 1_000;
  const values = Object.fromEntries(
    of.map(({ id, metric, statistic }) => [id, metrics.read(metric, statistic, from, end)]),
  );
  return expression === undefined ? values[of[0]?.id ?? ''] : evaluateMath(expression, values);
}

function isBreach({ comparison, threshold }: DeclaredAlarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
