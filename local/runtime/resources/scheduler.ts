import * as z from 'zod';
import { integer, resourceType, type ResourceTypes } from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';

/** EventBridge Scheduler's schedules. */
export function schedulerTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  return {
    'AWS::Scheduler::Schedule': resourceType(
      {
        Name: z.string().optional(),
        Description: z.string().optional(),
        ScheduleExpression: z.string(),
        ScheduleExpressionTimezone: z.literal('UTC').default('UTC'),
        FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
        Target: z.strictObject({
          Arn: z.string(),
          RoleArn: z.string(),
          Input: z.string().default('{}'),
          RetryPolicy: z
            .strictObject({
              MaximumEventAgeInSeconds: integer.default(86_400),
              MaximumRetryAttempts: integer.default(185),
            })
            .prefault({}),
          DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
        }),
      },
      ({ properties, generatedName }) => {
        const name = properties.Name ?? generatedName();
        const { Arn, RoleArn, Input, RetryPolicy, DeadLetterConfig } = properties.Target;
        const role = deployment.roles.get(RoleArn);
        if (role === undefined) throw new Error(`there is no role ${RoleArn}`);
        if (DeadLetterConfig) deployment.queue(DeadLetterConfig.Arn);
        const arn = `arn:aws:scheduler:${region}:${account}:schedule/default/${name}`;
        deployment.schedules.push({
          arn,
          name,
          expression: properties.ScheduleExpression,
          role,
          functionArn: deployment.function(Arn).arn,
          input: Input,
          maximumAgeSeconds: RetryPolicy.MaximumEventAgeInSeconds,
          maximumRetries: RetryPolicy.MaximumRetryAttempts,
          deadLetterArn: DeadLetterConfig?.Arn,
        });
        return { ref: name, attributes: { Arn: arn } };
      },
    ),
  };
}
