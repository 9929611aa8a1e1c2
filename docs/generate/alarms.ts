import type { App } from './app.ts';
import { code, type Table } from './markdown.ts';

interface Properties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly string[];
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Statistic?: string;
  readonly Dimensions?: readonly { readonly Value: string }[];
  /** In place of these, where an expression is computed of several metrics. */
  readonly Metrics?: readonly Query[];
  readonly Threshold: number;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: Pick<Properties, 'Namespace' | 'MetricName' | 'Dimensions'>;
    readonly Period: number;
  };
}

/** Every alarm: its metric, when it fires, whom it wakes, and its article of the runbook. */
export const alarms = (app: App): Table => ({
  columns: ['alarm `<name>-...`', 'urgency', 'what happened', 'metric', 'fires at', 'article'],
  rows: app
    .ofType('AWS::CloudWatch::Alarm')
    .map(({ properties }) => properties as unknown as Properties)
    // One without a name starts a scaling policy, and wakes nobody.
    .filter(({ AlarmName: name }) => name !== undefined)
    .map((alarm) => [
      code(app.short(alarm.AlarmName)),
      alarm.AlarmActions.map((topic) => app.named(topic)).join(', '),
      alarm.AlarmDescription.replace(/ What to do: .*$/, ''),
      metric(app, alarm),
      threshold(alarm),
      article(alarm),
    ])
    .toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
});

function metric(app: App, { Metrics: queries, ...single }: Properties): string {
  if (queries === undefined) return singleMetric(app, single);
  return queries
    .map(({ Id: id, Expression: expression, MetricStat: stat }) =>
      stat === undefined
        ? code(expression ?? '')
        : `${code(id)} is ${singleMetric(app, stat.Metric)}`,
    )
    .join('; ');
}

function singleMetric(
  app: App,
  {
    Namespace: namespace,
    MetricName: name,
    Dimensions: on = [],
  }: Pick<Properties, 'Namespace' | 'MetricName' | 'Dimensions'>,
): string {
  const [first] = on;
  const metricName = `${code(namespace)} ${code(name)}`;
  if (first === undefined || namespace === 'SenderDomains') return metricName;
  const target = app.referred(first.Value);
  const shown = target === undefined ? app.short(first.Value) : app.nameOf(target);
  return `${metricName} of ${code(shown)}`;
}

/** Units of metrics that are not counts or rates. */
const UNITS: Readonly<Record<string, string>> = {
  IteratorAge: ' ms',
  MailAge: ' s',
  ApproximateAgeOfOldestMessage: ' s',
};

function threshold(alarm: Properties): string {
  const {
    Statistic: statistic,
    Threshold: value,
    EvaluationPeriods: periods,
    ComparisonOperator: operator,
  } = alarm;
  const [ofQuery] = alarm.Metrics?.flatMap(({ MetricStat: stat }) => stat?.Period ?? []) ?? [];
  const seconds = ofQuery ?? alarm.Period;
  const unit = UNITS[alarm.MetricName] ?? '';
  const sign = operator.startsWith('Less') ? '<' : '≥';
  const silence = alarm.TreatMissingData === 'breaching' ? ', or no data' : '';
  const once = `${(statistic ?? 'value').toLowerCase()} in ${seconds / 60} min ${sign} ${value}${unit}${silence}`;
  return periods === 1 ? once : `${once}, ${periods} times in a row`;
}

function article({ AlarmDescription: description }: Properties): string {
  const [, anchor = ''] = /docs\/operate\.md#([a-z-]+)$/.exec(description) ?? [];
  return `[${anchor.replaceAll('-', ' ')}](../operate.md#${anchor})`;
}
