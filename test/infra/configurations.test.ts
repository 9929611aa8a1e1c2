import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig, undeployable } from '../../infra/config.ts';
import {
  cdkContext,
  longestOptions,
  repository,
  synthesize,
  synthesized,
  type SynthesizedStack,
} from './synthesized.ts';

const connect = {
  providerId: 'example.net',
  providerName: 'Example',
  serviceName: 'Sender domains',
  dashboard: 'd111111abcdef8.cloudfront.net',
};

const oidc = {
  name: 'Example',
  issuer: 'https://login.example.com',
  clientId: 'sender-domains',
  clientSecretName: 'sender-domains/oidc',
};

/** Configurations that an operator may have, each unlike the others in what is made for it. */
const configurations: readonly (readonly [string, Record<string, unknown>])[] = [
  ['of the defaults', { rotation: {}, smtp: {} }],
  [
    'with all that can be switched on',
    {
      domainConnect: connect,
      alarms: { email: 'a@b.example' },
      users: { mfa: 'optional', from: 'invitations@b.example', oidc },
    },
  ],
  ['with the longest names and the most shards', longestOptions()],
  ['in a region that sends and does not receive', { region: 'eu-central-2' }],
  ['in us-east-1, whose names are unlike those of other regions', { region: 'us-east-1' }],
  ['in an account that is named', { account: '123456789012', region: 'il-central-1' }],
  [
    'with one shard, names of its own and no mail about alarms',
    {
      name: 'a',
      shards: 1,
      selectors: ['k1', 'k2', 'k3'],
      bounceLabel: 'mail',
      senders: ['include:amazonses.com', 'ip4:192.0.2.0/24'],
      smtp: { enabled: false },
      alarms: { email: null },
    },
  ],
  [
    'of much mail',
    {
      outbound: {
        concurrency: 200,
        unclearPolicy: 'hold',
        unsignedAllowed: Array.from({ length: 30 }, (_, index) => `d${index}.mail.example.com`),
      },
      smtp: { enabled: true, minimumTasks: 10, maximumTasks: 100 },
      ses: { identityQuota: 1_000_000 },
      rotation: { schedule: 'cron(0 4 15 * ? *)', keyPairsPerSecond: 200, changesPerSecond: 1_000 },
    },
  ],
];

/** The longest that each service takes, by the property that names a resource. */
const longestNames: Readonly<Record<string, number>> = {
  'AWS::Lambda::Function FunctionName': 64,
  'AWS::IAM::Role RoleName': 64,
  'AWS::SQS::Queue QueueName': 80,
  'AWS::DynamoDB::GlobalTable TableName': 255,
  'AWS::Events::EventBus Name': 256,
  'AWS::Scheduler::Schedule Name': 64,
  'AWS::SNS::Topic TopicName': 256,
  'AWS::CloudWatch::Alarm AlarmName': 255,
  'AWS::SES::ConfigurationSet Name': 64,
  'AWS::SES::ReceiptRuleSet RuleSetName': 64,
  'AWS::CloudFront::Function Name': 64,
  'AWS::Cognito::UserPool UserPoolName': 128,
  'AWS::ApiGatewayV2::Api Name': 128,
};

function tooLong(stacks: readonly SynthesizedStack[]): string[] {
  return stacks.flatMap(({ template }) =>
    Object.values(template.Resources).flatMap(({ Type: type, Properties: properties = {} }) =>
      Object.entries(properties).flatMap(([property, name]) => {
        const limit = longestNames[`${type} ${property}`];
        return limit !== undefined && typeof name === 'string' && name.length > limit ? [name] : [];
      }),
    ),
  );
}

const exported = (template: object): string[] =>
  Object.keys((template as { Outputs: object }).Outputs).toSorted();

describe('a configuration', () => {
  it.each(configurations)('%s synthesizes, and is found valid', (_, options) => {
    const { missing, stacks } = synthesized(options);

    expect(missing).toEqual([]);
    expect(tooLong(stacks)).toEqual([]);
  });

  it('that names restored tables gives them to functions, and keeps what stacks import of the own ones', () => {
    const stream = 'arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-11-30T12:00:00.000';
    const before = synthesized();
    const after = synthesized({
      tables: { claims: { name: 'restored-claims', stream }, messages: { name: 'restored-mail' } },
    });
    const dataOf = ({ stacks }: typeof before) => stacks.find(({ id }) => id === 'Data')!.template;

    // CloudFormation deletes no export that a stack still imports, nor a table that has data.
    expect(exported(dataOf(after))).toEqual(exported(dataOf(before)));
    expect(Object.keys(dataOf(after).Resources)).toEqual(Object.keys(dataOf(before).Resources));
    const signer = after.stacks
      .flatMap(({ template }) => Object.values(template.Resources))
      .find(({ Properties: properties }) => {
        return properties?.['FunctionName'] === 'sender-domains-signer';
      });
    expect(signer?.Properties?.['Environment']).toMatchObject({
      Variables: { CLAIMS_TABLE: 'restored-claims', MESSAGES_TABLE: 'restored-mail' },
    });
    const text = JSON.stringify(after.stacks.map(({ template }) => template));
    expect(text).toContain(`"EventSourceArn":"${stream}"`);
    expect(text).toContain(':table/restored-claims"');
  });

  it('without inbound has nothing that waits for reports, and asks nobody for any', () => {
    const { stacks } = synthesized({ region: 'eu-central-2' });
    const resources = stacks.flatMap(({ template }) => Object.values(template.Resources));
    const of = (type: string) => resources.filter((one) => one.Type === type);

    expect(of('AWS::SES::ReceiptRule')).toEqual([]);
    expect(of('AWS::SES::EmailIdentity')).toEqual([]);
    expect(JSON.stringify(resources)).not.toContain('inbound-smtp');
    const [publisher] = of('AWS::Lambda::Function').filter(
      ({ Properties: properties }) => properties?.['FunctionName'] === 'sender-domains-publisher',
    );
    const environment = publisher?.Properties?.['Environment'] as
      | { Variables: { DEPLOYMENT: string } }
      | undefined;
    expect(JSON.parse(environment?.Variables.DEPLOYMENT ?? '{}')).toMatchObject({
      receivesReports: false,
    });
  });
});

const long = 'x'.repeat(60);

describe('a configuration that AWS would refuse is refused in one sentence', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'in GovCloud',
      { region: 'us-gov-west-1' },
      'region: "us-gov-west-1" cannot be used; give a region outside AWS GovCloud, which has no CloudFront for the dashboard.',
    ],
    [
      'where SES does not send',
      { region: 'eu-south-2' },
      'region: "eu-south-2" cannot be used; give a region where Amazon SES sends mail: af-south-1, ',
    ],
    [
      'in no region',
      { region: 'Ireland' },
      'region: "Ireland" cannot be used; give an AWS region, such as eu-west-1.',
    ],
    [
      'whose name Cognito refuses',
      { name: 'my-aws-senders' },
      'name: "my-aws-senders" cannot be used; give a name without "aws", which Cognito refuses in the address of the sign-in.',
    ],
    [
      'whose name is that of a bus of EventBridge',
      { name: 'default' },
      'name: "default" cannot be used; give another name than "default", which is EventBridge\'s own bus.',
    ],
    [
      'whose name is too long',
      { name: 'n'.repeat(25) },
      'name: "nnnnnnnnnnnnnnnnnnnnnnnnn" cannot be used; give 1 to 24 lower-case letters, digits and inner hyphens, beginning with a letter.',
    ],
    [
      'whose variables do not fit their function',
      {
        outbound: {
          unsignedAllowed: Array.from({ length: 30 }, (_, index) => `${long}-${index}.${long}.com`),
        },
      },
      'outbound.unsignedAllowed: too much for the function sender-domains-',
    ],
    [
      'whose table has no stream where it needs one',
      { tables: { claims: { name: 'restored-claims' } } },
      'tables.claims.stream: nothing cannot be used; give the ARN of its stream.',
    ],
    [
      'whose zone leaves no room for names below it',
      { zone: `${long}.${long}.${long}.${'x'.repeat(20)}.example`, smtp: {} },
      'zone: ',
    ],
  ])('%s', (_, options, sentence) => {
    const message = refusalOf(options);

    expect(message).toContain(`is wrong:\n  ${sentence}`);
    expect(message.trim().split('\n').slice(1)).toHaveLength(1);
  });
});

/** @throws Error where it is not refused as a configuration */
function refusalOf(options: Record<string, unknown>): string {
  try {
    synthesize(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('the app of cdk.json', () => {
  it('refuses the placeholders that the repository comes with', () => {
    const output = mkdtempSync(join(tmpdir(), 'cdk-out-'));
    try {
      const { status, stderr } = spawnSync(process.execPath, ['infra/bin/app.ts'], {
        cwd: repository,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          CDK_OUTDIR: output,
          CDK_CONTEXT_JSON: JSON.stringify({ ...cdkContext, 'aws:cdk:bundling-stacks': [] }),
        },
      });
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          'The configuration in cdk.json (context key "sender-domains") is wrong:\n' +
          '  zone: "sender-domains.example" cannot be deployed; give a name that you can delegate; this one is a placeholder.\n' +
          '  alarms.email: nobody would be notified of alarms; give an email address, or null if you subscribe to the topics by other means.\n',
      });
    } finally {
      rmSync(output, { recursive: true });
    }
  });

  it.each(['ops@acme.net', null])('takes a zone, and %s as whom alarms go to', (email) => {
    const config = parseConfig({ zone: 'senders.acme.net', alarms: { email } }, 'the test');

    expect(undeployable(config)).toEqual([]);
  });
});
