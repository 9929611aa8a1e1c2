import { Duration } from 'aws-cdk-lib';
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
import type { Notice, Severity } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';

/** The namespace of the counters in shared/runtime/log.ts. */
const METRIC_NAMESPACE = 'SenderDomains';

export interface AlarmProps extends Notice {
  /** Last part of the alarm's name: `<deployment>-<name>`. */
  readonly name: string;
  readonly metric: IMetric;
  /** Alarms at this value or above. @default 1 */
  readonly threshold?: number;
  /** Periods of the metric that must be at or above the threshold in a row. @default 1 */
  readonly periods?: number;
}

/** Makes all alarms, so that each has an article, a severity and a receiver. */
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
      alarmDescription: `${props.says} What to do: docs/operate.md#${props.article ?? props.name}`,
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
  counter(metricName: string, period: Duration): Metric {
    return this.#own(metricName, Stats.SUM, period);
  }

  /** The longest duration of `measure` in shared/runtime/log.ts, in seconds. */
  longest(metricName: string, period: Duration): Metric {
    return this.#own(metricName, Stats.MAXIMUM, period);
  }

  #own(metricName: string, statistic: string, period: Duration): Metric {
    const dimensionsMap = { service: this.#config.name };
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap,
      statistic,
      period,
    });
  }
}
