import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authorizeBy } from '../../../local/runtime/authorization.ts';
import { callJson, callQuery, callXml, type Caller } from '../../../local/runtime/aws-call.ts';
import { missingGrants } from '../../../local/runtime/connections.ts';
import { Deployment, OPERATOR_KEY } from '../../../local/runtime/deployment.ts';
import {
  routesOf,
  startMappings,
  type Feed,
} from '../../../local/runtime/event-source-mappings.ts';
import { Functions } from '../../../local/runtime/functions.ts';
import { startHttpApi } from '../../../local/runtime/http-api/server.ts';
import { resourceTypes } from '../../../local/runtime/resources/index.ts';
import { startDns, startServices, type StandIns } from '../../../local/runtime/stand-ins.ts';
import type { Stack } from '../../../local/template/assembly.ts';
import { ACCOUNT, interpret } from '../../../local/template/interpret.ts';

const REGION = 'eu-west-1';
let folder: string;
let closing: (() => Promise<void> | void)[];
let denied: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployment-'));
  closing = [];
  denied = [];
});

const close = async (): Promise<void> => {
  for (const each of closing.splice(0).toReversed()) await each();
};

afterEach(async () => {
  await close();
  await rm(folder, { recursive: true });
});

/** Signs nothing: the fixtures need no SDK to call the gateway. */
const CALL = `
  const call = (service, target, input) => fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': new Date().toISOString().replace(/[-:]|\\.\\d+/g, ''),
      'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID
        + '/20260101/' + process.env.AWS_REGION + '/' + service + '/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: JSON.stringify(input),
  }).then(async (response) => {
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  });
`;

const BUNDLES = {
  relay: `${CALL}
    exports.handler = async ({ Records }) => {
      for (const { eventSourceARN, awsRegion, dynamodb } of Records) {
        await call('sqs', 'AmazonSQS.SendMessage', {
          QueueUrl: process.env.QUEUE_URL,
          MessageBody: JSON.stringify({ pk: dynamodb.Keys.pk.S, eventSourceARN, awsRegion }),
        });
      }
    };`,
  consumer: `${CALL}
    exports.handler = async ({ Records }) => {
      for (const { body, eventSourceARN } of Records) {
        await call('dynamodb', 'DynamoDB_20120810.PutItem', {
          TableName: process.env.RESULTS,
          Item: { pk: { S: JSON.parse(body).pk }, body: { S: body }, from: { S: eventSourceARN } },
        });
      }
    };`,
  api: `exports.handler = async ({ requestContext, rawPath }) =>
    ({ statusCode: 200, body: JSON.stringify([rawPath, requestContext.authorizer.lambda]) });`,
  authorizer: `exports.handler = async ({ identitySource }) =>
    ({ isAuthorized: identitySource[0] === 'yes', context: { who: 'me' } });`,
};

type Properties = Record<string, unknown>;
const arn = (logicalId: string): object => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const table = (more: Properties = {}): object => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: REGION }],
    ...more,
  },
});

function lambda(
  name: keyof typeof BUNDLES,
  variables: Properties,
  statements: object[],
): Properties {
  return {
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          },
        },
        Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: statements } }],
      },
    },
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Role: arn(`${name}Role`),
        Runtime: 'nodejs24.x',
        Timeout: 10,
        Environment: { Variables: variables },
      },
    },
  };
}

const allow = (actions: string[], ...resources: object[]): object => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
});
const permission = (name: string, source: string): object => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName: arn(name),
    Principal: 'apigateway.amazonaws.com',
    SourceArn: { 'Fn::Sub': `arn:aws:execute-api:${REGION}:\${AWS::AccountId}:\${Api}/${source}` },
  },
});

/** A table whose stream goes through a function to a queue, and through another one to a second table. */
const RESOURCES: Properties = {
  Source: table({ StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }),
  Results: table({ TableName: 'results' }),
  Dead: { Type: 'AWS::SQS::Queue', Properties: {} },
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 5 },
    },
  },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      Protocol: 'sqs',
      Endpoint: arn('Queue'),
      TopicArn: { Ref: 'Topic' },
      RawMessageDelivery: true,
    },
  },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Resource: arn('Queue'),
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Resource: arn('Queue'),
            Principal: { Service: 'sns.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } },
          },
        ],
      },
    },
  },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'zone.test.' } },
  ...Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [
      `Record${name}`,
      {
        Type: 'AWS::Route53::RecordSet',
        Properties: {
          HostedZoneId: { Ref: 'Zone' },
          Name: `${name}.zone.test.`,
          Type: 'TXT',
          TTL: '60',
          ResourceRecords: [`"${name}"`],
        },
      },
    ]),
  ),
  ...lambda('relay', { QUEUE_URL: { Ref: 'Queue' } }, [
    allow(['sqs:SendMessage'], arn('Queue')),
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], {
      'Fn::GetAtt': ['Source', 'StreamArn'],
    }),
  ]),
  RelayMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'relay' },
      EventSourceArn: { 'Fn::GetAtt': ['Source', 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
    },
  },
  ...lambda('consumer', { RESULTS: { Ref: 'Results' } }, [
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('Queue')),
    allow(['dynamodb:PutItem'], arn('Results')),
  ]),
  ConsumerMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: { Ref: 'consumer' }, EventSourceArn: arn('Queue'), BatchSize: 5 },
  },
  ...lambda('api', {}, [allow(['s3:GetObject'], arn('Bucket'))]),
  ...lambda('authorizer', {}, [allow(['s3:GetObject'], arn('Bucket'))]),
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: arn('api'),
      PayloadFormatVersion: '2.0',
    },
  },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: { Ref: 'Api' },
      Name: 'a',
      AuthorizerType: 'REQUEST',
      AuthorizerUri: {
        'Fn::Sub': `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/\${authorizer.Arn}/invocations`,
      },
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.header.Authorization'],
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: 'GET /v1/{name}',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: 'Authorizer' },
    },
  },
  ApiPermission: permission('api', '*/*'),
  AuthorizerPermission: permission('authorizer', 'authorizers/${Authorizer}'),
};

interface Running {
  standIns: StandIns;
  deployment: Deployment;
  operator: Caller;
  refs: (logicalId: string) => string;
  functions: Functions;
  context: Parameters<typeof startMappings>[0];
}

async function deploy(resources: Properties = RESOURCES): Promise<Running> {
  const assets = new Map<string, string>();
  for (const [name, bundle] of Object.entries(BUNDLES)) {
    const asset = join(folder, 'assets', name);
    await mkdir(asset, { recursive: true });
    await writeFile(join(asset, 'index.js'), bundle);
    assets.set(`${name}.zip`, asset);
  }
  const deployment = new Deployment();
  const place = { region: REGION, account: ACCOUNT };
  const stateDir = join(folder, 'state');
  const options = {
    stateDir,
    region: REGION,
    dnsPort: 0,
    gatewayPort: 0,
    fast: true,
    authorize: authorizeBy(deployment, place, (key, { action }) => denied.push(`${key} ${action}`)),
    publish: async () => {},
    hasBus: () => false,
    findFunction: () => undefined,
    deliver: async () => {},
    invoke: async () => {},
    log: () => {},
  };
  const dns = await startDns(options, closing);
  const standIns = await startServices(options, dns, closing);
  const caller = { endpoint: standIns.gateway.url, region: REGION };
  const operator = { ...caller, accessKeyId: OPERATOR_KEY };
  const stack: Stack = {
    name: 'S',
    region: REGION,
    template: { Parameters: {}, Outputs: {}, Resources: withDefaults(resources) },
    assets,
  };
  const [deployed] = await interpret(
    [stack],
    resourceTypes({ standIns, operator, account: ACCOUNT, apiUrl: 'http://api', deployment }),
  );
  expect(missingGrants(deployment, options.authorize, place)).toEqual([]);
  const functions = new Functions(deployment, caller, join(folder, 'logs'));
  closing.push(() => functions.close());
  return {
    standIns,
    deployment,
    operator,
    functions,
    refs: (logicalId) => deployed?.resources.get(logicalId)?.ref ?? '',
    context: { deployment, functions, caller, stateDir, writes: standIns.writes, log: () => {} },
  };
}

const withDefaults = (resources: Properties): Stack['template']['Resources'] =>
  Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      resource as Stack['template']['Resources'][string],
    ]),
  );

function startEventSourceMappings(running: Running): Feed {
  const feed = startMappings(running.context);
  closing.push(() => feed.stop());
  return feed;
}

const put = (running: Running, pk: string): Promise<unknown> =>
  callJson(running.operator, 'dynamodb', 'DynamoDB_20120810.PutItem', {
    TableName: running.refs('Source'),
    Item: { pk: { S: pk } },
  });

async function results(running: Running): Promise<string[]> {
  const { Items } = (await callJson(running.operator, 'dynamodb', 'DynamoDB_20120810.Scan', {
    TableName: 'results',
  })) as { Items: { pk: { S: string } }[] };
  return Items.map(({ pk }) => pk.S).sort();
}

test('a write goes by the stream, a function, a queue and another function to where templates send it', async () => {
  const running = await deploy();
  startEventSourceMappings(running);

  await put(running, 'one');

  await expect.poll(() => results(running)).toEqual(['one']);
  const { Item } = (await callJson(running.operator, 'dynamodb', 'DynamoDB_20120810.GetItem', {
    TableName: 'results',
    Key: { pk: { S: 'one' } },
  })) as { Item: { body: { S: string }; from: { S: string } } };
  expect(Item.from.S).toMatch(/^arn:aws:sqs:eu-west-1:000000000000:S-Queue-/);
  expect(JSON.parse(Item.body.S)).toMatchObject({
    awsRegion: REGION,
    eventSourceARN: expect.stringMatching(
      /^arn:aws:dynamodb:eu-west-1:000000000000:table\/S-Source-.*\/stream\//,
    ) as string,
  });
  expect(denied).toEqual([]);
});

test('a message of a topic reaches the queue that subscribed', async () => {
  const running = await deploy();
  startEventSourceMappings(running);

  await callQuery(running.operator, 'sns', {
    Action: 'Publish',
    TopicArn: running.refs('Topic'),
    Message: '{"pk":"from-topic"}',
  });

  await expect.poll(() => results(running)).toEqual(['from-topic']);
});

test('routes, authorizer and functions are put together', async () => {
  const running = await deploy();
  const [api] = running.deployment.apis.values();
  const server = await startHttpApi(
    {
      accountId: ACCOUNT,
      apiId: api!.id,
      stage: api!.stage!,
      region: REGION,
      routes: routesOf(api!, running.functions),
    },
    0,
    () => {},
  );
  closing.push(() => server.close());
  const get = async (authorization: string): Promise<[number, string]> => {
    const response = await fetch(`${server.url}/v1/a`, { headers: { authorization } });
    return [response.status, await response.text()];
  };

  expect(await get('yes')).toEqual([200, '["/v1/a",{"who":"me"}]']);
  expect(await get('no')).toEqual([403, '{"message":"Forbidden"}']);
});

test('zones, records and buckets are there, under the same names at the next start', async () => {
  const first = await deploy();
  const named = ['Source', 'Queue', 'Bucket', 'Zone', 'Api'];
  const path = `/${first.refs('Bucket')}/key`;
  await callXml(first.operator, 's3', path, { method: 'PUT', body: 'kept' });
  const refs = named.map((name) => first.refs(name).replace(/:\d+\//, '/'));
  await close();

  const second = await deploy();

  expect(named.map((name) => second.refs(name).replace(/:\d+\//, '/'))).toEqual(refs);
  expect(await callXml(second.operator, 's3', path, { method: 'GET' })).toBe('kept');
  await expect.poll(() => second.standIns.dns.resolve('b.zone.test', 'TXT').answers.length).toBe(1);
});

test('what was in flight when a run died is handled by the next, and streams go on where they were', async () => {
  const first = await deploy();
  await callJson(first.operator, 'sqs', 'AmazonSQS.SendMessage', {
    QueueUrl: first.refs('Queue'),
    MessageBody: '{"pk":"in-flight"}',
  });
  await callJson(first.operator, 'sqs', 'AmazonSQS.ReceiveMessage', {
    QueueUrl: first.refs('Queue'),
  });
  await put(first, 'in-stream');
  await close();

  const second = await deploy();
  second.standIns.sqs.releaseInFlight();
  startEventSourceMappings(second);

  await expect.poll(() => results(second)).toEqual(['in-flight', 'in-stream']);
});

test('queues and buckets are reached from this machine only', async () => {
  const { standIns } = await deploy();
  const { port } = standIns.gateway;

  // The port is free on another address of this machine, so nothing listens on all of them.
  const other = createServer().listen(port, '127.0.0.2');
  await once(other, 'listening');

  expect(other.listening).toBe(true);
  other.close();
});

test('a queue whose settings changed is changed', async () => {
  await deploy();
  await close();
  const changed = structuredClone(RESOURCES) as Record<string, { Properties: Properties }>;
  changed['Queue']!.Properties['VisibilityTimeout'] = 90;

  const { operator, refs } = await deploy(changed);

  expect(
    await callJson(operator, 'sqs', 'AmazonSQS.GetQueueAttributes', {
      QueueUrl: refs('Queue'),
      AttributeNames: ['VisibilityTimeout'],
    }),
  ).toEqual({ Attributes: { VisibilityTimeout: '90' } });
});

test('a table whose keys changed is an error that says what to do', async () => {
  await deploy();
  await close();
  const changed = {
    ...RESOURCES,
    Results: table({
      TableName: 'results',
      AttributeDefinitions: [{ AttributeName: 'other', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }],
    }),
  };

  await expect(deploy(changed)).rejects.toThrow(
    'resource Results (AWS::DynamoDB::GlobalTable): could not be created: the table results of an earlier run has other keys',
  );
});

test('what a function calls beyond its role is denied', async () => {
  const resources = structuredClone(RESOURCES) as Record<string, { Properties: Properties }>;
  const [policy] = resources['consumerRole']!.Properties['Policies'] as {
    PolicyDocument: { Statement: object[] };
  }[];
  policy!.PolicyDocument.Statement.pop();
  const running = await deploy(resources);
  startEventSourceMappings(running);

  await put(running, 'one');

  await expect
    .poll(() => denied[0], { timeout: 10_000 })
    .toMatch(/^function-S-consumer-[0-9a-f]{12} dynamodb:PutItem$/);
  expect(await results(running)).toEqual([]);
});
