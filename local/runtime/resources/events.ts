import * as z from 'zod';
import {
  accepted,
  integer,
  resourceType,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';

const butPrefix = z.strictObject({ 'anything-but': z.strictObject({ prefix: z.string().min(1) }) });

/** Rules match by these fields, each with the values that it may have. */
const pattern = z.strictObject({
  source: z.array(z.string()).min(1).optional(),
  'detail-type': z
    .array(z.union([z.string(), butPrefix]))
    .min(1)
    .optional(),
  /** For events of AWS services only: none of them puts events on a bus here. */
  detail: z.record(z.string(), z.unknown()).optional(),
});

/** The bus that every account has, on which AWS services put their events. */
const DEFAULT_BUS = 'default';
const isOfServices = (bus: string, sources: readonly string[] = []): boolean =>
  bus === DEFAULT_BUS && sources.length > 0 && sources.every((one) => one.startsWith('aws.'));

/** EventBridge's buses, and the rules that take their events to queues. */
export function eventsTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  return {
    'AWS::Events::EventBus': resourceType({ Name: z.string() }, ({ properties: { Name } }) => {
      deployment.eventBuses.add(Name);
      const arn = `arn:aws:events:${region}:${account}:event-bus/${Name}`;
      return { ref: Name, attributes: { Arn: arn, Name } };
    }),
    'AWS::Events::Rule': resourceType(
      {
        Name: z.string().optional(),
        Description: accepted('it is for people'),
        EventBusName: z.string().default(DEFAULT_BUS),
        EventPattern: pattern,
        State: z.literal('ENABLED').default('ENABLED'),
        Targets: z
          .array(
            z.strictObject({
              Arn: z.string(),
              Id: z.string(),
              DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
              RetryPolicy: z
                .strictObject({
                  MaximumEventAgeInSeconds: integer.optional(),
                  MaximumRetryAttempts: integer.optional(),
                })
                .optional()
                .describe('a delivery within one process does not fail'),
            }),
          )
          .min(1),
      },
      ({ properties, generatedName }) => {
        const { EventBusName: bus, EventPattern, Targets } = properties;
        if (bus !== DEFAULT_BUS && !deployment.eventBuses.has(bus)) {
          throw new Error(`there is no event bus ${bus}`);
        }
        if (EventPattern.detail !== undefined && !isOfServices(bus, EventPattern.source)) {
          throw new Error('a pattern of detail is known only for events of AWS services');
        }
        const name = properties.Name ?? generatedName();
        const arn = `arn:aws:events:${region}:${account}:rule/${bus}/${name}`;
        for (const { Arn, DeadLetterConfig } of Targets) {
          deployment.queue(Arn);
          if (DeadLetterConfig) deployment.queue(DeadLetterConfig.Arn);
          deployment.eventRules.push({
            arn,
            bus,
            sources: EventPattern.source,
            detailTypes: EventPattern['detail-type'],
            queueArn: Arn,
            deadLetterArn: DeadLetterConfig?.Arn,
          });
        }
        return { ref: `${bus}|${name}`, attributes: { Arn: arn } };
      },
    ),
  };
}
