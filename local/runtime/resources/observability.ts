import * as z from 'zod';
import {
  comparisons,
  type AlarmMetric,
  type DeclaredAlarm,
  missingData,
} from '../../aws/alarms.ts';
import {
  accepted,
  integer,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';

const dimensions = z
  .array(z.strictObject({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));

const statistic = z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']);

const metricQuery = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  Period: integer.optional(),
  ReturnData: z.boolean().default(true),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({
        Namespace: z.string(),
        MetricName: z.string(),
        Dimensions: dimensions,
      }),
      Period: integer,
      Stat: statistic,
    })
    .optional(),
});

const alarmShape = {
  AlarmName: z.string().optional(),
  AlarmActions: accepted('nobody is notified here; the state says it'),
  AlarmDescription: accepted('it is for people'),
  ComparisonOperator: z.enum(comparisons),
  DatapointsToAlarm: integer.optional(),
  Dimensions: dimensions,
  EvaluationPeriods: integer,
  MetricName: z.string().optional(),
  Metrics: z.array(metricQuery).optional(),
  Namespace: z.string().optional(),
  Period: integer.optional(),
  Statistic: statistic.optional(),
  Threshold: z.number(),
  TreatMissingData: z.enum(missingData).default('missing'),
};

/** The properties of `AWS::CloudWatch::Alarm`. */
export const alarmSchema = z.strictObject(alarmShape);

/** CloudWatch: log groups are known by name; alarms are evaluated by `Run.alarms`. */
export function observabilityTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  return {
    'AWS::Logs::LogGroup': resourceType(
      {
        LogGroupName: z.string().optional(),
        RetentionInDays: accepted('log files are kept until their folder is removed'),
        Tags: tags,
      },
      ({ properties, generatedName }) => {
        const name = properties.LogGroupName ?? generatedName();
        const arn = `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
        return { ref: name, attributes: { Arn: arn } };
      },
    ),
    'AWS::CloudWatch::Alarm': resourceType(alarmShape, ({ properties, generatedName }) => {
      const name = properties.AlarmName ?? generatedName();
      deployment.alarms.push(declaredAlarm(name, properties));
      return { ref: name };
    }),
    'AWS::CloudWatch::Dashboard': resourceType(
      { DashboardName: z.string().optional(), DashboardBody: accepted('nobody opens it here') },
      ({ properties, generatedName }) => ({ ref: properties.DashboardName ?? generatedName() }),
    ),
  };
}

/** @throws Error where the properties name no metric, or more than one result */
export function declaredAlarm(
  name: string,
  properties: z.output<typeof alarmSchema>,
): DeclaredAlarm {
  const { Metrics: queries, EvaluationPeriods: evaluationPeriods } = properties;
  const common = {
    name,
    evaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? evaluationPeriods,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    missing: properties.TreatMissingData,
  };
  if (queries === undefined) {
    const { Namespace: namespace, MetricName: metricName, Period: seconds, Statistic } = properties;
    if (!namespace || !metricName || !seconds || !Statistic) {
      throw new Error(`the alarm ${name} names no metric`);
    }
    const metric = { namespace, name: metricName, dimensions: properties.Dimensions };
    return {
      ...common,
      periodSeconds: seconds,
      metrics: [{ id: 'metric', metric, statistic: Statistic }],
    };
  }
  const [result, ...others] = queries.filter(({ ReturnData: returned }) => returned);
  const read = queries.flatMap(({ Id: id, MetricStat: stat }): AlarmMetric[] => {
    if (stat === undefined) return [];
    const { Namespace: namespace, MetricName: metricName, Dimensions: of } = stat.Metric;
    return [{ id, metric: { namespace, name: metricName, dimensions: of }, statistic: stat.Stat }];
  });
  const [period] = queries.flatMap(({ MetricStat: stat }) => stat?.Period ?? []);
  if (result?.Expression === undefined || others.length > 0 || period === undefined) {
    throw new Error(`the alarm ${name} must return one expression over metrics`);
  }
  return { ...common, periodSeconds: period, metrics: read, expression: result.Expression };
}
