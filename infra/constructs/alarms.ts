import type { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { MetricName } from '#shared/runtime/log.ts';
import type { Config } from '../config.ts';

/**
 * `urgent`: mail or DNS of customers is suffering, wake somebody. `routine`: look at it within a
 * working day; the service goes on meanwhile.
 */
export type Severity = 'urgent' | 'routine';

/** The articles of docs/operate.md that alarms link, by anchor. */
export type Article =
  | 'announcer-behind'
  | 'api-failing'
  | 'bounce-rate'
  | 'claims-at-risk'
  | 'complaint-rate'
  | 'dead-letters'
  | 'disclosures-failed'
  | 'function-errors'
  | 'function-throttled'
  | 'identity-failed'
  | 'new-keys-failing'
  | 'outbound-delayed'
  | 'policies-stepped-back'
  | 'publications-parked'
  | 'publications-stale'
  | 'publish-delayed'
  | 'reconcile-unreached'
  | 'relay-behind'
  | 'reports-unreadable'
  | 'rotation-halted'
  | 'rotation-stalled'
  | 'rotations-failed'
  | 'rotations-held-back'
  | 'ses-events-undelivered'
  | 'signing-moved'
  | 'signing-paused'
  | 'unclear-attempts'
  | 'zone-drift';

/** The namespace of the counters in shared/runtime/log.ts. */
export const METRIC_NAMESPACE = 'SenderDomains';

export interface AlarmProps {
  /** Last part of the alarm's name: `<deployment>-<name>`. */
  readonly name: string;
  readonly severity: Severity;
  readonly article: Article;
  /** One sentence: what happened, as the person who is woken reads it. */
  readonly says: string;
  readonly metric: IMetric;
  /** Alarms at this value or above. @default 1 */
  readonly threshold?: number;
  /** Periods of the metric that must be at or above the threshold in a row. @default 1 */
  readonly periods?: number;
}

/** The one place that makes alarms, so that each has an article, a severity and somebody who hears it. */
export class Alarms {
  readonly #config: Config;
  readonly #topics: Readonly<Record<Severity, ITopic>>;

  constructor(config: Config, topics: Readonly<Record<Severity, ITopic>>) {
    this.#config = config;
    this.#topics = topics;
  }

  /** Adds an alarm to `scope`; missing data is not a breach, since the metrics are counts of what went wrong. */
  add(scope: Construct, id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(scope, id, {
      alarmName: `${this.#config.name}-${props.name}`,
      alarmDescription: `${props.says} What to do: docs/operate.md#${props.article}`,
      metric: props.metric,
      threshold: props.threshold ?? 1,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topics[props.severity]));
    return alarm;
  }

  /** A counter of shared/runtime/log.ts, summed over `period`. */
  counter(metricName: MetricName, period: Duration): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { service: this.#config.name },
      statistic: Stats.SUM,
      period,
    });
  }
}
