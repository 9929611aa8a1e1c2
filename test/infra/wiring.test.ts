import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes as declared } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import { type Deployment, reportsHost, shardNames } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { queuesOf } from '#shared/runtime/declaration.ts';
import { CachePolicy } from 'aws-cdk-lib/aws-cloudfront';
import { declarations } from '../../infra/functions.ts';
import { tables, type TableShape } from '../../shared/runtime/tables.ts';
import { longestOptions, readable, repository, type Resource, resourcesOf } from './synthesized.ts';

let resources: Resource[];

beforeAll(() => {
  resources = resourcesOf();
});

const ofType = (type: string): Resource[] => resources.filter((one) => one.type === type);

const environmentOf = (name: string): Record<string, string> => {
  const fn = ofType('AWS::Lambda::Function').find(
    ({ properties }) => properties['FunctionName'] === `sender-domains-${name}`,
  );
  const { Variables: variables } = readable(fn?.properties['Environment']) as {
    Variables: Record<string, string>;
  };
  return variables;
};

/** The route keys that docs/openapi.json promises. */
function contract(): string[] {
  const { paths } = JSON.parse(readFileSync(join(repository, 'docs/openapi.json'), 'utf8')) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

const keySchema = (partitionKey: string, sortKey?: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
];

describe('tables', () => {
  const shapes: [string, TableShape][] = Object.entries(tables);

  it('are those of shared/runtime/tables.ts', () => {
    const names = ofType('AWS::DynamoDB::GlobalTable').map(
      ({ properties }) => properties['TableName'],
    );

    expect(names).toEqual([
      'sender-domains-claims',
      'sender-domains-publications',
      'sender-domains-delegated-zones',
      'sender-domains-leases',
      'sender-domains-exit-rates',
      'sender-domains-checks',
      'sender-domains-flattenings',
      'sender-domains-identities',
      'sender-domains-messages',
      'sender-domains-suppressions',
      'sender-domains-reputations',
      'sender-domains-tenants',
      'sender-domains-platforms',
      'sender-domains-hand-overs',
      'sender-domains-notices',
      'sender-domains-budgets',
      'sender-domains-answers',
      'sender-domains-users',
      'sender-domains-webhooks',
      'sender-domains-events',
      'sender-domains-audit',
      'sender-domains-audit-seals',
      'sender-domains-disclosures',
      'sender-domains-revoked-keys',
      'sender-domains-rotations',
      'sender-domains-reports',
    ]);
    expect(shapes).toHaveLength(names.length);
  });

  it.each(shapes)('%s has the keys, indexes, expiry and stream of its shape', (name, shape) => {
    const found = ofType('AWS::DynamoDB::GlobalTable').find(({ id }) =>
      id.toLowerCase().startsWith(`${name.toLowerCase()}table`),
    );

    expect(found?.properties['KeySchema']).toEqual(keySchema(shape.partitionKey, shape.sortKey));
    expect(found?.properties['GlobalSecondaryIndexes'] ?? []).toEqual(
      (shape.indexes ?? []).map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: index.projection },
      })),
    );
    expect(found?.properties['TimeToLiveSpecification']).toEqual(
      shape.ttl === undefined ? undefined : { AttributeName: shape.ttl, Enabled: true },
    );
    expect(found?.properties['StreamSpecification']).toEqual(
      shape.stream === undefined ? undefined : { StreamViewType: shape.stream },
    );
  });
});

describe('the deployment that functions receive', () => {
  it('is what the domain derives its names from', () => {
    const deployment = JSON.parse(environmentOf('publisher')['DEPLOYMENT']!) as Deployment;

    expect(deployment).toEqual({
      zone: 'sender-domains.example',
      shards: 4,
      region: 'eu-west-1',
      selectors: ['zero', 'one', 'two'],
      bounceLabel: 'bounces',
      senders: ['include:amazonses.com'],
    });
    const zones = ofType('AWS::Route53::HostedZone').map(({ properties }) => properties['Name']);
    expect(zones).toEqual([
      `${deployment.zone}.`,
      ...shardNames(deployment).map((name) => `${name}.`),
    ]);
  });
});

describe('environment variables', () => {
  it('say that Domain Connect is off unless it is asked for', () => {
    expect(JSON.parse(environmentOf('domains')['DOMAIN_CONNECT']!)).toBeNull();
  });

  it("hold the signer's lease and what becomes of an unclear chunk", () => {
    expect(environmentOf('signer')).toMatchObject({
      LEASE_SECONDS: '90',
      UNCLEAR_SECONDS: '900',
      UNCLEAR_POLICY: 'resend',
      UNSIGNED_ALLOWED: '',
    });
  });
});

const records = () =>
  ofType('AWS::Route53::RecordSet').map(({ properties }) => readable(properties)) as {
    Name: string;
    Type: string;
    ResourceRecords: string[] | string;
  }[];

describe('zones', () => {
  it('of shards are delegated from the zone, each to its own name servers', () => {
    const shards = ofType('AWS::Route53::HostedZone').slice(1);
    const delegations = records().filter(({ Type: type }) => type === 'NS');

    expect(delegations.map(({ Name: name, ResourceRecords: to }) => [name, to])).toEqual(
      shards.map(({ id, properties }) => [properties['Name'], `<${id}.NameServers>`]),
    );
  });

  it('authorise DMARC reports about every domain', () => {
    const host = reportsHost('sender-domains.example' as DomainName);

    expect(records()).toContainEqual(
      expect.objectContaining({
        Name: `*._report._dmarc.${host}.`,
        Type: 'TXT',
        ResourceRecords: ['"v=DMARC1;"'],
      }),
    );
  });

  it('are as many as the configuration says, up to 200', () => {
    const zones = resourcesOf(longestOptions()).filter(
      ({ type }) => type === 'AWS::Route53::HostedZone',
    );

    expect(zones).toHaveLength(201);
  });
});

/** Of the API, without an authorizer: their path or body has the secret, or anybody may open them. */
const openRoutes = [
  'GET /v1/hand-over',
  'POST /v1/hand-over',
  'POST /v1/hand-over/records',
  'POST /v1/hand-over/checks',
  'POST /v1/hand-over/exports',
  'POST /v1/hand-over/domain-connect',
  'POST /v1/hand-over/dns',
  'POST /v1/hand-over/reminders',
  'GET /v1/shared/{token}',
  'POST /v1/shared/{token}/checks',
  'OPTIONS /{proxy+}',
];

describe('the HTTP API', () => {
  const page = ['GET /dashboard/{file+}', 'HEAD /dashboard/{file+}'];

  it('that need no key are throttled one by one, once they are there', () => {
    const [stage, ...others] = ofType('AWS::ApiGatewayV2::Stage');
    expect(others).toEqual([]);
    const throttle = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };
    expect(stage!.properties['RouteSettings']).toEqual(
      Object.fromEntries(openRoutes.map((routeKey) => [routeKey, throttle])),
    );
  });

  it('has the routes of the contract, all behind the authorizer', () => {
    const routes = ofType('AWS::ApiGatewayV2::Route');

    expect(routes.map(({ properties }) => String(properties['RouteKey'])).sort()).toEqual(
      ['$default', 'OPTIONS /{proxy+}', ...page, ...contract()].sort(),
    );
    const open = routes.filter(({ properties }) => properties['AuthorizationType'] === 'NONE');
    // The path or the body has the secret, anybody may open the page, or a browser asks beforehand.
    expect(open.map(({ properties }) => properties['RouteKey'])).toEqual([...openRoutes, ...page]);
    for (const { properties } of routes) {
      if (open.some((one) => one.properties === properties)) continue;
      expect(properties['AuthorizationType']).toBe('CUSTOM');
      expect(readable(properties['AuthorizerId'])).toMatch(/ApiKey/);
    }
  });

  it.each([
    ...Object.values<Route>(declared),
    { function: 'domains', method: '$default', path: '' },
  ])('takes $method $path to the function that answers it', ({ function: name, method, path }) => {
    const route = ofType('AWS::ApiGatewayV2::Route').find(
      ({ properties }) => properties['RouteKey'] === `${method} ${path}`.trim(),
    );
    const integration = ofType('AWS::ApiGatewayV2::Integration').find(
      ({ id, stack }) =>
        stack === route?.stack && readable(route.properties['Target']) === `integrations/<${id}>`,
    );
    const target = ofType('AWS::Lambda::Function').find(
      ({ id }) => readable(integration?.properties['IntegrationUri']) === `<${id}.Arn>`,
    );

    expect(target?.properties['FunctionName']).toBe(`sender-domains-${name}`);
  });

  it('may invoke its functions on every route, the default one included', () => {
    const [authorizer, ...targets] = ofType('AWS::Lambda::Permission')
      .filter(({ properties }) => properties['Principal'] === 'apigateway.amazonaws.com')
      .map(({ properties }) => String(readable(properties['SourceArn'])))
      .sort((a, b) => Number(b.includes('authorizers')) - Number(a.includes('authorizers')));

    expect(authorizer).toMatch(/\/authorizers\/<ApiKey\w+>$/);
    // The domains function has two sets of routes: behind the authorizer, and without one. The page
    // and preflight requests have one each.
    const answering = new Set(Object.values<Route>(declared).map((route) => route.function));
    expect(targets).toHaveLength(answering.size + 3);
    for (const arn of targets) expect(arn).toMatch(/>\/\*\/\*$/);
  });

  it('asks the authorizer every time, and itself refuses a call without the header', () => {
    const [authorizer] = ofType('AWS::ApiGatewayV2::Authorizer');

    expect(authorizer?.properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.header.Authorization'],
    });
  });

  it('writes no header and no body to its access log', () => {
    const [stage] = ofType('AWS::ApiGatewayV2::Stage');
    const { Format: format } = stage!.properties['AccessLogSettings'] as { Format: string };

    expect(Object.values(JSON.parse(format) as object).join(' ')).not.toMatch(/header|body/i);
  });
});

describe('events of SES', () => {
  it('reach their function through a topic, and once more through a queue where that fails', () => {
    const [destination] = ofType('AWS::SES::ConfigurationSetEventDestination');
    const subscription = ofType('AWS::SNS::Subscription').find(
      ({ stack }) => stack === destination?.stack,
    );
    const { MatchingEventTypes: events, SnsDestination: sns } = readable(
      destination?.properties['EventDestination'],
    ) as { MatchingEventTypes: string[]; SnsDestination: { TopicARN: string } };

    expect([...events].sort()).toEqual([
      'bounce',
      'complaint',
      'delivery',
      'deliveryDelay',
      'reject',
      'send',
    ]);
    expect(readable(subscription?.properties)).toMatchObject({
      Protocol: 'lambda',
      TopicArn: sns.TopicARN,
    });
    const { Endpoint: target } = readable(subscription?.properties) as { Endpoint: unknown };
    const consumer = ofType('AWS::Lambda::Function').find(
      ({ properties }) => properties['FunctionName'] === 'sender-domains-ses-events',
    );
    const source = ofType('AWS::Lambda::EventSourceMapping').find(({ properties }) =>
      JSON.stringify(readable(properties['FunctionName'])).includes('SesEvents'),
    );
    const { DeadLetterConfig: failed } = readable(consumer?.properties) as {
      DeadLetterConfig: { TargetArn: unknown };
    };
    expect(JSON.stringify(target)).toContain('SesEventsFunction');
    expect(failed.TargetArn).toEqual(readable(source?.properties['EventSourceArn']));
  });
});

describe('schedules', () => {
  it('wake the planners and the reconciler with the time they were due', () => {
    const schedules = ofType('AWS::Scheduler::Schedule').map(({ properties }) => properties);

    expect(
      Object.fromEntries(
        schedules.map(({ Name: name, ScheduleExpression: expression }) => [name, expression]),
      ),
    ).toEqual({
      'sender-domains-canary': 'cron(7 * * * ? *)',
      'sender-domains-monitor': 'cron(22 * * * ? *)',
      'sender-domains-audit-anchor': 'rate(1 hour)',
      'sender-domains-hand-over': 'rate(1 minute)',
      'sender-domains-outbox': 'rate(1 minute)',
      'sender-domains-check-planner': 'rate(1 minute)',
      'sender-domains-flattener-services': 'cron(20 3 * * ? *)',
      'sender-domains-disclosure': 'cron(0 6 * * ? *)',
      'sender-domains-flattener': 'rate(1 minute)',
      'sender-domains-identity-planner': 'rate(1 hour)',
      'sender-domains-reconciler': 'cron(30 1 * * ? *)',
      'sender-domains-roll-out-planner': 'cron(0 12 * * ? *)',
      'sender-domains-rotation-planner-continue': 'rate(1 minute)',
      'sender-domains-rotation-planner-retry': 'cron(0 5 * * ? *)',
      'sender-domains-rotation-planner-start': 'cron(0 3 1 * ? *)',
    });
    for (const { Name: name, Target: target } of schedules) {
      const [, task] = /-(?:rotation-planner|flattener)-(\w+)$/.exec(String(name)) ?? [];
      expect(JSON.parse((target as { Input: string }).Input)).toEqual({
        ...(task === undefined ? {} : { task }),
        scheduledTime: '<aws.scheduler.scheduled-time>',
      });
    }
  });
});

describe('functions that wait by sending their message again', () => {
  it('may loop; all others may not', async () => {
    const looping = ofType('AWS::Lambda::Function')
      .filter(({ properties }) => properties['RecursiveLoop'] === 'Allow')
      .map(({ properties }) => String(properties['FunctionName']).replace('sender-domains-', ''));

    const waiting = (await declarations()).filter(({ wokenBy, sendsTo = [] }) =>
      queuesOf(wokenBy).some(({ name }) => sendsTo.some((queue) => queue === name)),
    );

    expect(looping.sort()).toEqual(waiting.map(({ name }) => name).sort());
    expect(looping).toEqual(expect.arrayContaining(['insync', 'publisher', 'signer', 'webhooks']));
  });
});

describe('the dashboard', () => {
  it('is behind CloudFront as the API is, from files that are kept as long as they say', () => {
    const [distribution] = ofType('AWS::CloudFront::Distribution');
    const config = readable(distribution?.properties['DistributionConfig']) as {
      Origins: { Id: string; DomainName: string; OriginPath?: string }[];
      DefaultCacheBehavior: { TargetOriginId: string; CachePolicyId: string };
      CacheBehaviors: { TargetOriginId: string; PathPattern: string; CachePolicyId: string }[];
    };
    const originOf = (id: string) => config.Origins.find((origin) => origin.Id === id);
    const { DefaultCacheBehavior: files } = config;
    const [api, ...others] = config.CacheBehaviors;

    expect(others).toEqual([]);
    expect(originOf(files.TargetOriginId)?.OriginPath).toBe('/dashboard');
    expect(files.CachePolicyId).toBe(CachePolicy.CACHING_OPTIMIZED.cachePolicyId);
    expect(api).toMatchObject({
      PathPattern: '/v1/*',
      CachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId,
    });
    expect(originOf(api!.TargetOriginId)).not.toHaveProperty('OriginPath');
    for (const { DomainName: name } of config.Origins) {
      expect(name).toMatch(/\.execute-api\.eu-west-1\./);
    }
  });

  it('has the settings of the sign-in in the environment of its function', () => {
    const [fn] = ofType('AWS::Lambda::Function').filter(
      ({ properties }) => properties['FunctionName'] === 'sender-domains-dashboard',
    );
    const { Variables: variables } = readable(fn?.properties['Environment']) as {
      Variables: Record<string, string>;
    };

    expect(variables).toMatchObject({
      SIGN_IN_ORIGIN: expect.stringMatching(/^https:\/\/.+\.auth\.eu-west-1\.amazoncognito\.com$/),
      SIGN_IN_CLIENT_ID: expect.stringMatching(/^<Client\w+>$/),
    });
  });
});
