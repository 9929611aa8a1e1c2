import { beforeAll, describe, expect, it } from 'vitest';
import { queuesOf } from '#shared/runtime/declaration.ts';
import { declarations } from '../../infra/functions.ts';
import {
  stacksOf,
  list,
  longestOptions,
  readable,
  type Resource,
  resourcesOf,
  statementsOf,
} from './synthesized.ts';

const declared = await declarations();
const functionNames = declared.map(({ name }) => name);

let resources: Resource[];

beforeAll(() => {
  resources = resourcesOf();
});

const ofType = (type: string): Resource[] => resources.filter((one) => one.type === type);
const nameOf = ({ stack, id }: Resource): string => `${stack}/${id}`;

/** Names of those that break a rule; the message of a failure then says which. */
const breaking = (rule: (resource: Resource) => boolean, all: readonly Resource[]): string[] =>
  all.filter((one) => !rule(one)).map(nameOf);

const runsNode24OnArm = ({ properties }: Resource) =>
  properties['Runtime'] === 'nodejs24.x' &&
  (properties['Architectures'] as string[]).join() === 'arm64';

const isPlain = ({ properties }: Resource) =>
  !('ReservedConcurrentExecutions' in properties) &&
  !('VpcConfig' in properties) &&
  !('Layers' in properties);

const isEncrypted = ({ properties }: Resource) => properties['SqsManagedSseEnabled'] === true;

const environmentSize = ({ properties }: Resource) => {
  const { Variables: variables } = readable(properties['Environment']) as {
    Variables: Record<string, string>;
  };
  return JSON.stringify(variables).length;
};

const deadLetterTargets = (): string[] => {
  const redriven = ofType('AWS::SQS::Queue').flatMap(({ stack, properties }) =>
    properties['RedrivePolicy'] === undefined
      ? []
      : [
          {
            stack,
            policy: readable(properties['RedrivePolicy']) as { deadLetterTargetArn: string },
          },
        ],
  );
  return redriven.map(({ stack, policy }) => `${stack}/${policy.deadLetterTargetArn.slice(1, -5)}`);
};
/** Queues that Lambda, SNS or Scheduler put what they could not deliver into. */
const failureDestinations = (): string[] =>
  resources
    .filter(({ type }) => type !== 'AWS::SQS::Queue')
    .flatMap(({ stack, properties }) =>
      [
        properties['DeadLetterConfig'],
        properties['RedrivePolicy'],
        (properties['DestinationConfig'] as { OnFailure?: unknown } | undefined)?.OnFailure,
        ...((properties['Targets'] ?? []) as { DeadLetterConfig?: unknown }[]).map(
          (target) => target.DeadLetterConfig,
        ),
      ]
        .filter((destination) => destination !== undefined)
        .map((destination) => Object.values(readable(destination) as object)[0] as string)
        .map((arn) => `${stack}/${arn.slice(1, -5)}`),
    );

describe('functions', () => {
  it('are those that a function.ts in lambdas/ declares, each in one stack', () => {
    const names = ofType('AWS::Lambda::Function').map(({ properties }) =>
      String(properties['FunctionName']).replace('sender-domains-', ''),
    );

    expect(names.sort()).toEqual([...functionNames].sort());
  });

  it('run on Node 24 on arm64', () => {
    expect(breaking(runsNode24OnArm, ofType('AWS::Lambda::Function'))).toEqual([]);
  });

  it('write to a log group of their own that does not keep for ever', () => {
    const groups = ofType('AWS::Logs::LogGroup');
    const rule = ({ stack, properties }: Resource) => {
      const logging = readable(properties['LoggingConfig']) as { LogGroup: string };
      const group = groups.find((one) => one.stack === stack && `<${one.id}>` === logging.LogGroup);
      return (
        group?.properties['LogGroupName'] === `/aws/lambda/${String(properties['FunctionName'])}` &&
        typeof group.properties['RetentionInDays'] === 'number'
      );
    };

    expect(breaking(rule, ofType('AWS::Lambda::Function'))).toEqual([]);
  });

  it('reserve no concurrency, are in no VPC and have no layer', () => {
    expect(breaking(isPlain, ofType('AWS::Lambda::Function'))).toEqual([]);
  });

  it('have a role of their own, named by deployment, region and function', () => {
    const roles = ofType('AWS::IAM::Role').map(({ properties }) => properties['RoleName']);

    for (const name of functionNames) {
      expect(roles.filter((role) => role === `sender-domains-eu-west-1-${name}`)).toHaveLength(1);
    }
  });

  it('keep within the 4 KB of environment, at the longest configuration', () => {
    const all = resourcesOf(longestOptions());
    const functions = all.filter(({ type }) => type === 'AWS::Lambda::Function');
    expect(Math.max(...functions.map(environmentSize))).toBeLessThan(4096);
  });

  it('fed by a queue answer with partial failures, before the message is visible again', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping');
    const fed = declared.flatMap(({ wokenBy }) =>
      'stream' in wokenBy ? [wokenBy.stream] : queuesOf(wokenBy).map(({ name }) => name),
    );
    expect(mappings).toHaveLength(fed.length);
    for (const mapping of mappings) {
      expect(mapping.properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      const source = readable(mapping.properties['EventSourceArn']) as string;
      const queue = ofType('AWS::SQS::Queue').find(
        ({ stack, id }) => stack === mapping.stack && source === `<${id}.Arn>`,
      );
      if (queue === undefined) {
        expect(source).toContain('StreamArn');
        continue;
      }
      const fn = ofType('AWS::Lambda::Function').find(
        ({ stack, id }) =>
          stack === mapping.stack && readable(mapping.properties['FunctionName']) === `<${id}>`,
      );
      expect(queue.properties['VisibilityTimeout']).toBe(6 * Number(fn?.properties['Timeout']));
    }
  });
});

/** The queues that people empty: what failed, and what they are to know. */
const readByPeople = (): Set<string> => {
  const guarded = ofType('AWS::SQS::Queue').filter(
    ({ properties }) => properties['QueueName'] === 'sender-domains-guarded-changes',
  );
  const all = [...deadLetterTargets(), ...failureDestinations(), ...guarded.map(nameOf)];
  const consumed = ofType('AWS::Lambda::EventSourceMapping').map(
    ({ stack, properties }) =>
      `${stack}/${String(readable(properties['EventSourceArn'])).slice(1, -5)}`,
  );
  return new Set(all.filter((name) => !consumed.includes(name)));
};

describe('queues', () => {
  it('have dead letters, or are dead letters', () => {
    const dead = readByPeople();
    const rule = (queue: Resource) =>
      dead.has(nameOf(queue)) !== (queue.properties['RedrivePolicy'] !== undefined);

    expect(breaking(rule, ofType('AWS::SQS::Queue'))).toEqual([]);
  });

  it('of dead letters raise an alarm: the urgent ones each, the others as the monitor counts them', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').filter(
      ({ properties }) =>
        properties['MetricName'] === 'ApproximateNumberOfMessagesVisible' &&
        properties['Threshold'] === 1,
    );
    const own = alarms.map(({ properties }) => String(properties['AlarmName']));
    const monitor = ofType('AWS::Lambda::Function').find(
      ({ properties }) => properties['FunctionName'] === 'sender-domains-monitor',
    );
    const { Variables: variables } = monitor!.properties['Environment'] as {
      Variables: Record<string, string>;
    };
    const counted = String(variables['LETTER_QUEUES']).split(',');
    const named = ofType('AWS::SQS::Queue')
      .filter((queue) => readByPeople().has(nameOf(queue)))
      .map(({ properties }) => String(properties['QueueName']));
    const urgent = named.filter((name) => own.includes(name.replace(/\.fifo$/, '')));

    expect([...counted, ...urgent].sort()).toEqual(named.sort());
    expect(urgent).toHaveLength(own.length);
  });

  it('are encrypted, and refuse plain HTTP', () => {
    expect(breaking(isEncrypted, ofType('AWS::SQS::Queue'))).toEqual([]);

    const guarded = statementsOf(resources)
      .filter(
        ({ statement }) =>
          statement.Effect === 'Deny' &&
          statement.Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
      )
      .flatMap(({ in: { stack }, statement }) =>
        list(statement.Resource).map((arn) => `${stack}/${arn}`),
      );
    const unguarded = ofType('AWS::SQS::Queue').filter(
      ({ stack, id }) => !guarded.includes(`${stack}/<${id}.Arn>`),
    );
    expect(unguarded.map(nameOf)).toEqual([]);
  });

  it('that are FIFO have dead letters that are FIFO', () => {
    for (const { stack, properties } of ofType('AWS::SQS::Queue')) {
      if (properties['RedrivePolicy'] === undefined) continue;
      const policy = readable(properties['RedrivePolicy']) as { deadLetterTargetArn: string };
      const target = ofType('AWS::SQS::Queue').find(
        (one) => one.stack === stack && `<${one.id}.Arn>` === policy.deadLetterTargetArn,
      );
      expect(target?.properties['FifoQueue']).toBe(properties['FifoQueue']);
    }
  });
});

describe('what holds state', () => {
  it('stays when its stack goes', () => {
    const stateful = [
      'AWS::DynamoDB::GlobalTable',
      'AWS::KMS::Key',
      'AWS::Route53::HostedZone',
      'AWS::S3::Bucket',
    ];
    const all = resources.filter(({ type }) => stateful.includes(type));

    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(stateful));
    expect(breaking(({ deletionPolicy }) => deletionPolicy === 'Retain', all)).toEqual([]);
  });

  it('includes the aliases of keys that wrap, so that no new key takes their place', () => {
    const kept = ofType('AWS::KMS::Alias')
      .filter(({ deletionPolicy }) => deletionPolicy === 'Retain')
      .map(({ properties }) => String(properties['AliasName']));

    expect(kept.toSorted()).toEqual([
      'alias/sender-domains-secrets',
      'alias/sender-domains-wrapping',
    ]);
  });

  it('is in stacks that nobody deletes by mistake', () => {
    const stateful = ['AWS::Cognito::UserPool', 'AWS::ApiGatewayV2::Api'].concat([
      'AWS::CloudFront::Distribution',
      'AWS::DynamoDB::GlobalTable',
      'AWS::KMS::Key',
      'AWS::Route53::HostedZone',
      'AWS::S3::Bucket',
    ]);
    const holding = new Set(
      resources.filter(({ type }) => stateful.includes(type)).map(({ stack }) => stack),
    );

    expect(stacksOf().flatMap((stack) => (stack.terminationProtection ? [stack.id] : []))).toEqual(
      expect.arrayContaining([...holding]),
    );
  });

  it('includes the records by which customers reach the zones, but none of what goes', () => {
    const kept = ofType('AWS::Route53::RecordSet').map(({ properties, deletionPolicy }) => [
      String(properties['Type']),
      deletionPolicy === 'Retain',
    ]);

    expect(new Map(kept as [string, boolean][])).toEqual(
      new Map([
        ['NS', true],
        ['TXT', true],
        ['MX', true],
        // Of the load balancer, and of an identity that is made again with others.
        ['A', false],
        ['CNAME', false],
      ]),
    );
  });

  it('in tables is protected from deletion, restorable and encrypted with a KMS key', () => {
    for (const { properties } of ofType('AWS::DynamoDB::GlobalTable')) {
      const replicas = properties['Replicas'] as Record<string, unknown>[];
      expect(replicas).toHaveLength(1);
      expect(replicas[0]).toMatchObject({
        Region: 'eu-west-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(properties['SSESpecification']).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(properties['BillingMode']).toBe('PAY_PER_REQUEST');
    }
  });

  it('in buckets is private and encrypted', () => {
    for (const { properties } of ofType('AWS::S3::Bucket')) {
      expect(properties).toMatchObject({
        BucketEncryption: {},
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
    }
  });

  it('in the mail bucket is gone after 30 days, uploads after one', () => {
    const [bucket] = ofType('AWS::S3::Bucket').filter(({ id }) => id.startsWith('Mail'));

    expect(bucket?.properties).toMatchObject({
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: 30, Status: 'Enabled' },
          { ExpirationInDays: 1, Prefix: 'uploads/', Status: 'Enabled' },
        ],
      },
    });
    expect(bucket?.properties).not.toHaveProperty('VersioningConfiguration');
  });
});

describe('templates', () => {
  it('have no custom resource', () => {
    const custom = resources.filter(
      ({ type }) => type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource',
    );

    expect(custom.map(nameOf)).toEqual([]);
  });

  it('run public images only, which nobody has to build', () => {
    const images = ofType('AWS::ECS::TaskDefinition').flatMap(({ properties }) =>
      (properties['ContainerDefinitions'] as { Image: unknown }[]).map(({ Image }) => Image),
    );

    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/^public\.ecr\.aws\//);
  });

  it('scale containers by the connections of each, in and out', () => {
    const policies = ofType('AWS::ApplicationAutoScaling::ScalingPolicy').map(
      ({ properties }) => properties,
    );

    expect(policies.map(({ PolicyType }) => PolicyType)).toEqual([
      'TargetTrackingScaling',
      'TargetTrackingScaling',
    ]);
    expect(JSON.stringify(policies)).toContain('"Expression":"connections / tasks"');
  });

  it('have no condition, mapping, parameter, transform or rule that a reader must evaluate', () => {
    for (const { template } of stacksOf()) {
      expect(Object.keys(template)).not.toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^(Conditions|Mappings|Parameters|Transform|Rules)$/),
        ]),
      );
    }
  });

  it('use only the functions that the local run knows', () => {
    const found = new Set(
      JSON.stringify(resources.map(({ properties }) => properties)).match(/"Fn::\w+"(?=:)/g),
    );

    expect([...found].sort()).toEqual(
      ['GetAZs', 'GetAtt', 'ImportValue', 'Join', 'Select', 'Split', 'Sub'].map(
        (name) => `"Fn::${name}"`,
      ),
    );
  });

  it('have fewer than 500 resources each, with as many shards as there can be', () => {
    for (const { id, template } of stacksOf(longestOptions())) {
      const { Resources: all } = template;
      expect({ id, fits: Object.keys(all).length < 500 }).toEqual({ id, fits: true });
    }
  });
});
