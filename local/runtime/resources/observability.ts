import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';

const NO_METRICS = 'no metrics are collected here, so no alarm ever rings';

/** CloudWatch: log groups are known by name, alarms are read and never ring. */
export function observabilityTypes(region: string, account: string): ResourceTypes {
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
    'AWS::CloudWatch::Alarm': resourceType(
      {
        AlarmName: z.string().optional(),
        AlarmActions: accepted(NO_METRICS),
        AlarmDescription: accepted(NO_METRICS),
        ComparisonOperator: accepted(NO_METRICS),
        DatapointsToAlarm: accepted(NO_METRICS),
        Dimensions: accepted(NO_METRICS),
        EvaluationPeriods: accepted(NO_METRICS),
        MetricName: accepted(NO_METRICS),
        Metrics: accepted(NO_METRICS),
        Namespace: accepted(NO_METRICS),
        Period: accepted(NO_METRICS),
        Statistic: accepted(NO_METRICS),
        Threshold: accepted(NO_METRICS),
        TreatMissingData: accepted(NO_METRICS),
      },
      ({ properties, generatedName }) => ({ ref: properties.AlarmName ?? generatedName() }),
    ),
  };
}
