import * as z from 'zod';
import {
  accepted,
  boolean,
  integer,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import { AwsCallError, callJson, type Caller } from '../aws-call.ts';
import type { Deployment } from '../deployment.ts';
import { parseResourcePolicy } from '../policies.ts';

const FIFO_SUFFIX = '.fifo';
/** SQS allows names of at most so many characters. */
const NAME_LENGTH = 80;
const text = <Schema extends z.ZodType>(schema: Schema) => schema.transform(String).optional();

/** Attributes that may change under a queue's messages. */
const changeable = {
  DelaySeconds: text(integer),
  MaximumMessageSize: text(integer),
  MessageRetentionPeriod: text(integer),
  ReceiveMessageWaitTimeSeconds: text(integer),
  VisibilityTimeout: text(integer),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: integer })
    .transform((policy) => JSON.stringify(policy))
    .optional(),
};
const fixed = {
  FifoQueue: text(boolean),
  ContentBasedDeduplication: text(boolean),
  DeduplicationScope: z.enum(['queue', 'messageGroup']).optional(),
  FifoThroughputLimit: z.enum(['perQueue', 'perMessageGroupId']).optional(),
};

/** SQS's queues and their policies. */
export function sqsTypes(caller: Caller, account: string, deployment: Deployment): ResourceTypes {
  const call = (operation: string, input: object): Promise<unknown> =>
    callJson(caller, 'sqs', `AmazonSQS.${operation}`, input);
  const exists = async (name: string): Promise<boolean> => {
    try {
      await call('GetQueueUrl', { QueueName: name });
      return true;
    } catch (error) {
      if (error instanceof AwsCallError && error.name.endsWith('QueueDoesNotExist')) return false;
      throw error;
    }
  };
  const queueByUrl = (url: string) => {
    const queue = [...deployment.queues.values()].find((candidate) => candidate.url === url);
    if (queue === undefined) throw new Error(`there is no queue ${url}`);
    return queue;
  };
  return {
    'AWS::SQS::Queue': resourceType(
      {
        QueueName: z.string().optional(),
        ...changeable,
        ...fixed,
        SqsManagedSseEnabled: accepted('the state folder is as safe as the disk it lies on'),
        Tags: tags,
      },
      async ({ properties, generatedName }) => {
        const { QueueName, ...attributes } = properties;
        const suffix = properties.FifoQueue === 'true' ? FIFO_SUFFIX : '';
        const name = QueueName ?? generatedName(NAME_LENGTH - suffix.length) + suffix;
        const url = `${caller.endpoint}/${account}/${name}`;
        if (await exists(name)) {
          const current = Object.entries(attributes).filter(([key]) => key in changeable);
          await call('SetQueueAttributes', {
            QueueUrl: url,
            Attributes: Object.fromEntries(current),
          });
        } else {
          const { SqsManagedSseEnabled: _, Tags: __, ...known } = attributes;
          await call('CreateQueue', { QueueName: name, Attributes: known });
        }
        const arn = `arn:aws:sqs:${caller.region}:${account}:${name}`;
        deployment.queues.set(arn, { name, arn, url });
        return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
      },
    ),
    'AWS::SQS::QueuePolicy': resourceType(
      { Queues: z.array(z.string()), PolicyDocument: z.record(z.string(), z.unknown()) },
      ({ logicalId, properties: { Queues, PolicyDocument } }) => {
        const { callers, services } = parseResourcePolicy(PolicyDocument);
        for (const url of Queues) {
          const { arn } = queueByUrl(url);
          deployment.resourcePolicies.set(arn, callers);
          deployment.serviceStatements.set(arn, [...services]);
        }
        return { ref: logicalId };
      },
    ),
  };
}
