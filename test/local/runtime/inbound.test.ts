import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authorizeBy } from '../../../local/runtime/authorization.ts';
import { callJson, type Caller } from '../../../local/runtime/aws-call.ts';
import { missingGrants } from '../../../local/runtime/connections.ts';
import { Deployment, OPERATOR_KEY } from '../../../local/runtime/deployment.ts';
import { inboundChannel, type InboundMail } from '../../../local/runtime/inbound.ts';
import { resourceTypes } from '../../../local/runtime/resources/index.ts';
import { customerDnsOf, startDns, startServices } from '../../../local/runtime/stand-ins.ts';
import { checkSpf } from '../../../cli/service/spf.ts';
import type { Stack } from '../../../local/template/assembly.ts';
import { ACCOUNT, interpret } from '../../../local/template/interpret.ts';

const REGION = 'eu-west-1';
let folder: string;
let closing: (() => Promise<void> | void)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inbound-'));
  closing = [];
});
afterEach(async () => {
  for (const each of closing.toReversed()) await each();
  await rm(folder, { recursive: true });
});

type Resources = Stack['template']['Resources'];

const resource = (type: string, properties: Record<string, unknown>): Resources[string] => ({
  Type: type,
  Properties: properties,
});
const arn = (id: string): object => ({ 'Fn::GetAtt': [id, 'Arn'] });
const record = (type: string, name: unknown, value: unknown) =>
  resource('AWS::Route53::RecordSet', {
    HostedZoneId: { Ref: 'Zone' },
    Name: name,
    Type: type,
    TTL: '60',
    ResourceRecords: [value],
  });
const letSes = (action: string, on: unknown) => ({
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: action,
      Resource: on,
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ],
});

const RESOURCES: Resources = {
  Zone: resource('AWS::Route53::HostedZone', { Name: 'zone.test.' }),
  Mx: record('MX', 'in.zone.test.', `10 inbound-smtp.${REGION}.amazonaws.com`),
  Identity: resource('AWS::SES::EmailIdentity', { EmailIdentity: 'in.zone.test' }),
  ...Object.fromEntries(
    [1, 2, 3].map((index) => [
      `Proof${index}`,
      record(
        'CNAME',
        { 'Fn::GetAtt': ['Identity', `DkimDNSTokenName${index}`] },
        { 'Fn::GetAtt': ['Identity', `DkimDNSTokenValue${index}`] },
      ),
    ]),
  ),
  Bucket: resource('AWS::S3::Bucket', { BucketName: 'mails' }),
  BucketPolicy: resource('AWS::S3::BucketPolicy', {
    Bucket: { Ref: 'Bucket' },
    PolicyDocument: letSes('s3:PutObject', 'arn:aws:s3:::mails/in/*'),
  }),
  Topic: resource('AWS::SNS::Topic', { TopicName: 'received' }),
  TopicPolicy: resource('AWS::SNS::TopicPolicy', {
    Topics: [{ Ref: 'Topic' }],
    PolicyDocument: letSes('sns:Publish', { Ref: 'Topic' }),
  }),
  Queue: resource('AWS::SQS::Queue', { QueueName: 'queue' }),
  QueuePolicy: resource('AWS::SQS::QueuePolicy', {
    Queues: [{ Ref: 'Queue' }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arn('Queue'),
          Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } },
        },
      ],
    },
  }),
  Subscription: resource('AWS::SNS::Subscription', {
    Protocol: 'sqs',
    Endpoint: arn('Queue'),
    TopicArn: { Ref: 'Topic' },
    RawMessageDelivery: true,
  }),
  RuleSet: resource('AWS::SES::ReceiptRuleSet', { RuleSetName: 'set' }),
  Rule: resource('AWS::SES::ReceiptRule', {
    RuleSetName: { Ref: 'RuleSet' },
    Rule: {
      Name: 'rule',
      Enabled: true,
      Recipients: ['in.zone.test'],
      Actions: [
        { S3Action: { BucketName: 'mails', ObjectKeyPrefix: 'in/', TopicArn: { Ref: 'Topic' } } },
      ],
    },
  }),
};

interface Running {
  readonly deliver: (mail: InboundMail) => Promise<void>;
  readonly operator: Caller;
  /** The calls that the declared connections have no permission for. */
  readonly missing: readonly string[];
}

async function deploy(resources: Resources = RESOURCES): Promise<Running> {
  const stateDir = join(folder, 'state');
  await mkdir(customerDnsOf(stateDir), { recursive: true });
  await writeFile(
    join(customerDnsOf(stateDir), 'sender.test.zone'),
    '$ORIGIN sender.test.\n@ 60 IN TXT "v=spf1 ip4:192.0.2.1 -all"\n',
  );
  const deployment = new Deployment();
  const place = { region: REGION, account: ACCOUNT };
  const authorize = authorizeBy(deployment, place, () => {});
  const options = {
    stateDir,
    region: REGION,
    dnsPort: 0,
    gatewayPort: 0,
    fast: true,
    authorize,
    publish: async () => {},
    hasBus: () => false,
    findFunction: () => undefined,
    deliver: async () => {},
    invoke: async () => {},
    log: () => {},
  };
  const dns = await startDns(options, closing);
  const standIns = await startServices(options, dns, closing);
  const operator = { endpoint: standIns.gateway.url, region: REGION, accessKeyId: OPERATOR_KEY };
  const template = { Parameters: {}, Outputs: {}, Resources: resources };
  await interpret(
    [{ name: 'S', region: REGION, template, assets: new Map() }],
    resourceTypes({ standIns, operator, account: ACCOUNT, apiUrl: 'http://api', deployment }),
  );
  // Records come into DNS half a second after they are accepted.
  await sleep(700);
  return {
    deliver: inboundChannel(deployment, operator, dns.dns, checkSpf),
    operator,
    missing: missingGrants(deployment, authorize, place),
  };
}

const without = (...ids: string[]): Resources =>
  Object.fromEntries(Object.entries(RESOURCES).filter(([id]) => !ids.includes(id)));

const mail: InboundMail = {
  raw: Buffer.from('From: a@sender.test\r\n\r\nhello\r\n'),
  recipient: 'Somebody@In.Zone.Test',
  mailFrom: 'bounce@sender.test',
  ip: '192.0.2.1',
  helo: 'mx.sender.test',
};

test('a mail is in the bucket as it came, under its trace, and the topic is notified', async () => {
  const { deliver, operator, missing } = await deploy();
  expect(missing).toEqual([]);
  await deliver(mail);
  const { Messages } = (await callJson(operator, 'sqs', 'AmazonSQS.ReceiveMessage', {
    QueueUrl: `${operator.endpoint}/${ACCOUNT}/queue`,
    WaitTimeSeconds: 5,
  })) as { Messages: { Body: string }[] };
  const { receipt, ...advised } = JSON.parse(Messages[0]!.Body) as {
    receipt: { action: { objectKey: string }; spfVerdict: object; recipients: string[] };
    mail: object;
  };
  expect(advised).toMatchObject({ notificationType: 'Received', mail: { source: mail.mailFrom } });
  expect(receipt).toMatchObject({
    recipients: [mail.recipient],
    spfVerdict: { status: 'PASS' },
    action: { type: 'S3', bucketName: 'mails', objectKeyPrefix: 'in/' },
  });
  const s3 = new S3Client({
    endpoint: operator.endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: operator.accessKeyId, secretAccessKey: 'local' },
  });
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: 'mails', Key: receipt.action.objectKey }),
  );
  const stored = await Body!.transformToString();
  s3.destroy();
  expect(stored.endsWith(mail.raw.toString())).toBe(true);
  expect(stored).toMatch(/^Return-Path: <bounce@sender\.test>\r\nReceived: from mx\.sender\.test /);
});

test('SPF is judged at submission', async () => {
  const { deliver, operator } = await deploy();
  for (const [ip, mailFrom] of [
    ['192.0.2.2', mail.mailFrom],
    ['192.0.2.1', 'a@nowhere.test'],
  ] as const)
    await deliver({ ...mail, ip, mailFrom });
  const verdicts: unknown[] = [];
  while (verdicts.length < 2) {
    const { Messages = [] } = (await callJson(operator, 'sqs', 'AmazonSQS.ReceiveMessage', {
      QueueUrl: `${operator.endpoint}/${ACCOUNT}/queue`,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
    })) as { Messages?: { Body: string }[] };
    for (const { Body } of Messages)
      verdicts.push((JSON.parse(Body) as { receipt: { spfVerdict: object } }).receipt.spfVerdict);
  }
  expect(verdicts).toEqual(expect.arrayContaining([{ status: 'FAIL' }, { status: 'GRAY' }]));
});

test.each<[string, Resources, Partial<InboundMail>, RegExp]>([
  ['that has no MX here', without('Mx'), {}, /MX of in\.zone\.test does not lead to inbound-smtp/],
  ['that is no verified identity', without('Proof2'), {}, /no verified identity/],
  ['that no rule takes', without('Rule', 'RuleSet'), {}, /550 5\.1\.1 .*mailbox unavailable/],
  ['of another host', RESOURCES, { recipient: 'a@other.test' }, /MX of other\.test/],
])('mail to a domain %s is not taken', async (_what, resources, changes, problem) => {
  const { deliver } = await deploy(resources);
  await expect(deliver({ ...mail, ...changes })).rejects.toThrow(problem);
});

test('a rule whose policies do not let SES act is reported at the start', async () => {
  const { missing } = await deploy(without('BucketPolicy', 'TopicPolicy'));
  expect(missing).toEqual([
    expect.stringMatching(
      /arn:aws:s3:::mails\/in\/\* does not let ses\.amazonaws\.com do s3:PutObject/,
    ),
    expect.stringMatching(/received does not let ses\.amazonaws\.com do sns:Publish/),
  ]);
});
