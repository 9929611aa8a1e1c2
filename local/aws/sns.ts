import { randomUUID } from 'node:crypto';
import { AwsError } from './http.ts';
import type { AwsHandler, AwsResponse } from './http.ts';
import { QueryInput, queryResponse } from './query-protocol.ts';
import { element } from './xml.ts';

export interface SnsOptions {
  readonly region: string;
  readonly accountId: string;
  /** Puts a message into a queue. */
  readonly send: (queueArn: string, body: string) => Promise<void>;
  /** Has a function invoked asynchronously, with an event as JSON. */
  readonly invoke: (functionArn: string, event: string) => Promise<void>;
}

export interface Sns {
  readonly handle: AwsHandler;
}

interface Subscription {
  readonly protocol: 'sqs' | 'lambda';
  /** The ARN of a queue or of a function. */
  readonly endpoint: string;
  /** The queue gets the message alone and not SNS's envelope. */
  readonly raw: boolean;
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
const LARGEST_MESSAGE = 262_144;
const NAME = /^[\w-]{1,256}$/;

const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${message}`);

const respond = (action: string, field: string, value: string): AwsResponse =>
  queryResponse(action, NAMESPACE, [element(field, value)]);

const subscriptionArn = (topicArn: string, endpoint: string): string =>
  `${topicArn}:${endpoint.split(':').at(-1) ?? ''}`;

/** The event that Lambda gets of a message, without its signature. */
const lambdaEvent = (subscription: string, envelope: object) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: subscription,
      Sns: { ...envelope, Subject: null, MessageAttributes: {} },
    },
  ],
});

/**
 * SNS: standard topics that hand messages to queues and functions, in the Query protocol. Topics and subscriptions
 * are declared by the templates at each start, so none is kept.
 */
export function createSns({ region, accountId, send, invoke }: SnsOptions): Sns {
  const topics = new Map<string, Map<string, Subscription>>();
  const topic = (arn: string): Map<string, Subscription> => {
    const found = topics.get(arn);
    if (found === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return found;
  };

  const createTopic = (input: QueryInput): AwsResponse => {
    const name = input.only('Name').required('Name');
    if (!NAME.test(name)) throw invalid('Topic Name');
    const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
    if (!topics.has(arn)) topics.set(arn, new Map());
    return respond('CreateTopic', 'TopicArn', arn);
  };

  const subscribe = (input: QueryInput): AwsResponse => {
    input.only('TopicArn', 'Protocol', 'Endpoint', 'Attributes');
    const arn = input.required('TopicArn');
    const endpoint = input.required('Endpoint');
    const protocol = input.required('Protocol');
    if (protocol !== 'sqs' && protocol !== 'lambda') {
      throw invalid('the stand-in has the protocols sqs and lambda');
    }
    const { RawMessageDelivery = 'false', ...others } = input.entries('Attributes');
    if (Object.keys(others).length > 0) throw invalid(`Attributes ${Object.keys(others).join()}`);
    const raw = RawMessageDelivery === 'true';
    if (raw && protocol === 'lambda') throw invalid('RawMessageDelivery is not for functions');
    topic(arn).set(endpoint, { protocol, endpoint, raw });
    return respond('Subscribe', 'SubscriptionArn', subscriptionArn(arn, endpoint));
  };

  const publish = async (input: QueryInput): Promise<AwsResponse> => {
    input.only('TopicArn', 'Message');
    const arn = input.required('TopicArn');
    const message = input.required('Message');
    const subscriptions = topic(arn);
    if (Buffer.byteLength(message) > LARGEST_MESSAGE) throw invalid('Message too long');
    const messageId = randomUUID();
    const envelope = {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: arn,
      Message: message,
      Timestamp: new Date().toISOString(),
    };
    for (const { protocol, endpoint, raw } of subscriptions.values()) {
      if (protocol === 'sqs') await send(endpoint, raw ? message : JSON.stringify(envelope));
      else
        await invoke(
          endpoint,
          JSON.stringify(lambdaEvent(subscriptionArn(arn, endpoint), envelope)),
        );
    }
    return respond('Publish', 'MessageId', messageId);
  };

  return {
    async handle(request) {
      const input = new QueryInput(request);
      switch (input.action) {
        case 'CreateTopic':
          return createTopic(input);
        case 'Subscribe':
          return subscribe(input);
        case 'Publish':
          return publish(input);
        default:
          throw new AwsError('InvalidAction', `The SNS stand-in has no ${input.action}.`);
      }
    },
  };
}
