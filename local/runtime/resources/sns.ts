import * as z from 'zod';
import {
  accepted,
  boolean,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import { callQuery, type Caller } from '../aws-call.ts';
import type { Deployment } from '../deployment.ts';
import { parseResourcePolicy } from '../policies.ts';

/** SNS's topics, their policies, and the queues and functions that subscribe to them. */
export function snsTypes(caller: Caller, account: string, deployment: Deployment): ResourceTypes {
  return {
    'AWS::SNS::Topic': resourceType(
      { TopicName: z.string().optional(), Tags: tags },
      async ({ properties, generatedName }) => {
        const name = properties.TopicName ?? generatedName();
        await callQuery(caller, 'sns', { Action: 'CreateTopic', Name: name });
        const arn = `arn:aws:sns:${caller.region}:${account}:${name}`;
        deployment.topics.add(arn);
        return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
      },
    ),
    'AWS::SNS::TopicPolicy': resourceType(
      { Topics: z.array(z.string()), PolicyDocument: z.record(z.string(), z.unknown()) },
      ({ logicalId, properties: { Topics, PolicyDocument } }) => {
        const { callers, services } = parseResourcePolicy(PolicyDocument);
        for (const arn of Topics) {
          deployment.resourcePolicies.set(arn, callers);
          deployment.serviceStatements.set(arn, [...services]);
        }
        return { ref: logicalId };
      },
    ),
    'AWS::SNS::Subscription': resourceType(
      {
        Protocol: z.enum(['sqs', 'lambda']),
        Endpoint: z.string(),
        TopicArn: z.string(),
        RawMessageDelivery: boolean.default(false),
        RedrivePolicy: accepted('a delivery within one process does not fail'),
      },
      async ({ properties: { Protocol, Endpoint, TopicArn, RawMessageDelivery } }) => {
        if (Protocol === 'sqs') deployment.queue(Endpoint);
        else deployment.function(Endpoint);
        await callQuery(caller, 'sns', {
          Action: 'Subscribe',
          TopicArn,
          Protocol,
          Endpoint,
          'Attributes.entry.1.key': 'RawMessageDelivery',
          'Attributes.entry.1.value': String(RawMessageDelivery),
        });
        deployment.subscriptions.push({
          topicArn: TopicArn,
          endpoint: Endpoint,
          protocol: Protocol,
        });
        return { ref: `${TopicArn}:${Endpoint.split(':').at(-1)}` };
      },
    ),
  };
}
