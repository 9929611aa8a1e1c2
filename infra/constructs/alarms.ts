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
export const METRIC_NAMESPACE = 'SenderDomains';

export interface AlarmProps extends Notice {
  /** Last part of the alarm's name: `<deployment>-<name>`. */
  readonly name: string;
  readonly metric: IMetric;
  /** Alarms at this value or above. @default 1 */
  readonly threshold?: number;
  /** Periods of the metric that must be at or above the threshold in a row. @default 1 */
  readonly periods?: number;
  /** Alarms below the threshold instead. @default false */
  readonly below?: boolean;
  /** Alarms where there is no data too. @default false */
  readonly onSilence?: boolean;
}

/**
 * Makes all alarms, so that each has an article, a severity and a receiver.
 *
 * An alarm costs $0.10 a month for each of its metrics, a composite one $0.50, and a counter of our
 * own $0.30 while it is counted. So what another alarm says has none, and queues that may wait for a
 * working day share one.
 */
export class Alarms {
  /** Names of the queues whose letters `monitor` counts every hour, for one alarm of all. */
  readonly countedHourly: string[] = [];
  readonly #config: Config;
  readonly #topics: Readonly<Record<Severity, ITopic>>;

  constructor(config: Config, topics: Readonly<Record<Severity, ITopic>>) {
    this.#config = config;
    this.#topics = topics;
  }

  /** Adds an alarm to `scope`; most metrics are counts of what went wrong, which have no data where nothing did. */
  add(scope: Construct, id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(scope, id, {
      alarmName: `${this.#config.name}-${props.name}`,
      alarmDescription: `${props.says} What to do: docs/operate.md#${props.article ?? props.name}`,
      metric: props.metric,
      threshold: props.threshold ?? 1,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator:
        props.below === true
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData:
        props.onSilence === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
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
