import type { App } from './app.ts';
import { code, type Table } from './markdown.ts';

interface Properties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly string[];
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Statistic: string;
  readonly Dimensions?: readonly { readonly Value: string }[];
  readonly Threshold: number;
  readonly Period: number;
  readonly EvaluationPeriods: number;
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

function metric(
  app: App,
  { Namespace: namespace, MetricName: name, Dimensions: on = [] }: Properties,
): string {
  const [first] = on;
  const metricName = `${code(namespace)} ${code(name)}`;
  const target = first === undefined ? undefined : app.referred(first.Value);
  return target === undefined ? metricName : `${metricName} of ${code(app.nameOf(target))}`;
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
    Period: seconds,
    EvaluationPeriods: periods,
  } = alarm;
  const unit = UNITS[alarm.MetricName] ?? '';
  const once = `${statistic.toLowerCase()} in ${seconds / 60} min ≥ ${value}${unit}`;
  return periods === 1 ? once : `${once}, ${periods} times in a row`;
}

function article({ AlarmDescription: description }: Properties): string {
  const [, anchor = ''] = /docs\/operate\.md#([a-z-]+)$/.exec(description) ?? [];
  return `[${anchor.replaceAll('-', ' ')}](../operate.md#${anchor})`;
}
