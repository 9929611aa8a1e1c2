import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createSns } from '../../../local/aws/sns.ts';
import { callQuery } from '../../../local/runtime/aws-call.ts';
import { ACCOUNT, gatewayFor, refusal, REGION } from './stand-ins.ts';

let gateway: Gateway;
let sent: { queue: string; body: string }[];
let invoked: { name: string; event: string }[];
beforeEach(async () => {
  sent = [];
  invoked = [];
  const sns = createSns({
    region: REGION,
    accountId: ACCOUNT,
    send: async (queue, body) => void sent.push({ queue, body }),
    invoke: async (name, event) => void invoked.push({ name, event }),
  });
  gateway = await gatewayFor({ sns: sns.handle });
});
afterEach(() => gateway.close());

const call = (input: Record<string, string>) =>
  callQuery({ endpoint: gateway.url, region: REGION, accessKeyId: 'a' }, 'sns', input);
const TopicArn = `arn:aws:sns:${REGION}:${ACCOUNT}:events`;
const subscribe = (queue: string, raw: string) =>
  call({
    Action: 'Subscribe',
    TopicArn,
    Protocol: 'sqs',
    Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
    'Attributes.entry.1.key': 'RawMessageDelivery',
    'Attributes.entry.1.value': raw,
  });

test('a topic hands its messages to each queue once, raw or in an envelope', async () => {
  expect(await call({ Action: 'CreateTopic', Name: 'events' })).toContain(TopicArn);
  await subscribe('raw', 'true');
  await subscribe('raw', 'true');
  await subscribe('wrapped', 'false');
  // A topic is made at each start, and keeps its subscriptions when it is there.
  await call({ Action: 'CreateTopic', Name: 'events' });
  await call({ Action: 'Publish', TopicArn, Message: '{"a":"ü"}' });
  expect(sent.map(({ queue }) => queue.split(':').at(-1))).toEqual(['raw', 'wrapped']);
  expect(sent[0]?.body).toBe('{"a":"ü"}');
  expect(JSON.parse(sent[1]!.body)).toMatchObject({
    Type: 'Notification',
    TopicArn,
    Message: '{"a":"ü"}',
  });
});

test('a topic has a function invoked with each message', async () => {
  await call({ Action: 'CreateTopic', Name: 'events' });
  const Endpoint = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
  await call({ Action: 'Subscribe', TopicArn, Protocol: 'lambda', Endpoint });
  await call({ Action: 'Publish', TopicArn, Message: '{"a":"ü"}' });
  expect(invoked.map(({ name }) => name)).toEqual([Endpoint]);
  expect(JSON.parse(invoked[0]!.event)).toMatchObject({
    Records: [{ EventSource: 'aws:sns', Sns: { TopicArn, Message: '{"a":"ü"}' } }],
  });
});

test.each<[Record<string, string>, string]>([
  [{ Action: 'Publish', TopicArn: `${TopicArn}x`, Message: 'x' }, 'NotFound'],
  [{ Action: 'Publish', TopicArn, Message: 'x'.repeat(262_145) }, 'InvalidParameter'],
  [{ Action: 'Publish', TopicArn, Message: 'x', Subject: 'y' }, 'InvalidParameterValue'],
  [{ Action: 'Publish', Message: 'x' }, 'InvalidParameter'],
  [{ Action: 'CreateTopic', Name: 'a b' }, 'InvalidParameter'],
  [
    { Action: 'Subscribe', TopicArn, Protocol: 'email', Endpoint: 'a@example.com' },
    'InvalidParameter',
  ],
  [{ Action: 'ListTopics' }, 'InvalidAction'],
])('%o is refused', async (input, code) => {
  await call({ Action: 'CreateTopic', Name: 'events' });
  expect((await refusal(call(input))).name).toBe(code);
  expect(sent).toEqual([]);
});
