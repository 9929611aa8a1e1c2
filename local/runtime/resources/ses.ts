import * as z from 'zod';
import type { Ses } from '../../aws/ses.ts';
import {
  accepted,
  boolean,
  resourceType,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';

/** The types of events that the stand-in publishes; it never delays a delivery. */
const eventTypes = z.enum(['send', 'reject', 'bounce', 'complaint', 'delivery', 'deliveryDelay']);

/** SES's configuration sets, and the topics that they send events to. */
export function sesTypes(
  ses: Ses,
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  return {
    'AWS::SES::ConfigurationSet': resourceType(
      {
        Name: z.string().optional(),
        ReputationOptions: accepted('nobody receives this mail, so it earns no reputation'),
      },
      ({ properties, generatedName }) => {
        const name = properties.Name ?? generatedName();
        ses.putConfigurationSet(name);
        return { ref: name };
      },
    ),
    'AWS::SES::ConfigurationSetEventDestination': resourceType(
      {
        ConfigurationSetName: z.string(),
        EventDestination: z.strictObject({
          Name: z.string().optional(),
          Enabled: boolean.pipe(z.literal(true)),
          MatchingEventTypes: z.array(eventTypes).min(1),
          SnsDestination: z.strictObject({ TopicARN: z.string() }),
        }),
      },
      ({ logicalId, properties: { ConfigurationSetName: name, EventDestination } }) => {
        const topicArn = EventDestination.SnsDestination.TopicARN;
        if (!deployment.topics.has(topicArn)) throw new Error(`there is no topic ${topicArn}`);
        deployment.sesEventTopics.push({
          configurationSetName: name,
          configurationSetArn: `arn:aws:ses:${region}:${account}:configuration-set/${name}`,
          topicArn,
          eventTypes: EventDestination.MatchingEventTypes,
        });
        return { ref: logicalId };
      },
    ),
  };
}
