/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  AuthorizerPayloadVersion,
  HttpApi,
  HttpAuthorizer,
  HttpAuthorizerType,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { SigningKey } from '../constructs/signing-key.ts';
import { generateConditions } from '../constructs/wrapping-key.ts';
import { deploymentJson, keyDisclosure } from '../names.ts';
import type { DataStack } from './data.ts';
import type { UsersStack } from './users.ts';
import type { RotationStack } from './rotation.ts';
import type { VerificationStack } from './verification.ts';

export interface OnboardingStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly users: UsersStack;
  readonly rotation: RotationStack;
  readonly verification: VerificationStack;
}

/** HTTP APIs end a call after 30 seconds; the function should end, and say why, before that. */
const API_TIMEOUT = Duration.seconds(29);

/** The HTTP API, who may call it, and the routes about domains. */
export class OnboardingStack extends Stack {
  readonly api: HttpApi;
  readonly authorizer: HttpAuthorizer;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, users, rotation, verification, ...props }: OnboardingStackProps,
  ) {
    super(scope, id, props);
    const common = { config, alarms };
    this.api = this.#api(config, alarms);

    this.authorizer = this.#authorizer(common, data, users);

    const domains = new ServiceFunction(this, 'Domains', {
      ...common,
      name: 'domains',
      description: 'The routes about domains, and the answer to unknown routes',
      timeout: API_TIMEOUT,
      memory: 1024,
      monitoring: { severity: 'urgent', errors: 5 },
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.rollOut]: JSON.stringify(config.reports.rollOut),
        [Env.wrappingKeyArn]: data.wrappingKey.keyArn,
        [Env.keyDisclosure]: keyDisclosure(config),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    this.#domainConnect(config, domains);
    const {
      claims,
      publications,
      checks,
      identities,
      flattenings,
      revokedKeys,
      rotations,
      disclosures,
      reports,
      events,
    } = data.tables;
    domains.useTable(claims, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]);
    domains.useTable(publications, ['BatchGetItem']);
    domains.useTable(checks, ['GetItem', 'BatchGetItem', 'UpdateItem', 'DeleteItem']);
    domains.useTable(identities, ['GetItem', 'BatchGetItem']);
    domains.useTable(reports, ['Query']);
    domains.useTable(events, ['Query']);
    domains.useTable(flattenings, ['PutItem', 'Query']);
    domains.useTable(disclosures, ['Query', 'PutItem', 'DeleteItem']);
    domains.sendTo(verification.identityQueue);
    domains.sendTo(verification.checkQueue);
    domains.useTable(revokedKeys, ['BatchGetItem', 'PutItem']);
    domains.useTable(rotations, ['BatchGetItem', 'PutItem', 'DeleteItem']);
    domains.sendTo(rotation.rotationQueue);
    domains.allow({
      actions: ['kms:GenerateDataKeyPairWithoutPlaintext'],
      resources: [data.wrappingKey.keyArn],
      conditions: generateConditions,
    });
    new Routes(this, 'DomainRoutes', {
      api: this.api,
      authorizer: this.authorizer,
      target: domains,
      // 404 and 405 come from the function, as problem details like every other error.
      takesUnknown: true,
    });

    new Routes(this, 'SharedRoutes', {
      api: this.api,
      target: domains,
    });

    new CfnOutput(this, 'ApiUrl', {
      description: 'Where customers call the API',
      value: this.api.apiEndpoint,
    });
  }

  /** Tells the function of the operator's Domain Connect settings, and gives it the key, where there are any. */
  #domainConnect(config: Config, domains: ServiceFunction): void {
    const settings = config.domainConnect;
    if (settings === undefined) {
      domains.function.addEnvironment(Env.domainConnect, 'null');
      return;
    }
    const { key } = new SigningKey(this, 'DomainConnectKey', config);
    domains.function.addEnvironment(
      Env.domainConnect,
      JSON.stringify({ ...settings, key: key.keyArn }),
    );
    domains.allow({ actions: ['kms:Sign'], resources: [key.keyArn] });
  }

  #api(config: Config, alarms: Alarms): HttpApi {
    const api = new HttpApi(this, 'Api', { apiName: config.name, createDefaultStage: false });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/apigateway/${config.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 500, burstLimit: 1000 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    alarms.add(this, 'ApiFailing', {
      name: 'api-failing',
      severity: 'urgent',
      article: 'api-failing',
      says: 'The API answers calls with 5xx.',
      metric: api.metricServerError({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 5,
    });
    return api;
  }

  #authorizer(
    common: { config: Config; alarms: Alarms },
    data: DataStack,
    users: UsersStack,
  ): HttpAuthorizer {
    const fn = new ServiceFunction(this, 'Authorizer', {
      ...common,
      name: 'authorizer',
      description: 'Tells which tenant an API key or a user belongs to',
      timeout: Duration.seconds(5),
      memory: 512,
      monitoring: { severity: 'urgent', errors: 5 },
      environment: { [Env.userPoolId]: users.pool.userPoolId },
    });
    fn.useTable(data.tables.tenants, ['GetItem']);
    fn.useTable(data.tables.users, ['GetItem']);
    // With an identity source API Gateway itself answers 401 to a call without the header; nothing
    // is cached, so that a revoked key is refused at once.
    const authorizer = new HttpAuthorizer(this, 'ApiKey', {
      httpApi: this.api,
      authorizerName: 'api-key',
      type: HttpAuthorizerType.LAMBDA,
      authorizerUri: `arn:${this.partition}:apigateway:${this.region}:lambda:path/2015-03-31/functions/${fn.function.functionArn}/invocations`,
      identitySource: ['$request.header.Authorization'],
      payloadFormatVersion: AuthorizerPayloadVersion.VERSION_2_0,
      enableSimpleResponses: true,
      resultsCacheTtl: Duration.seconds(0),
    });
    fn.function.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: this.formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: `authorizers/${authorizer.authorizerId}`,
      }),
    });
    return authorizer;
  }
}

/** One JSON line a call; no header, since the key is in one. */
const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  path: '$context.path',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  tenant: '$context.authorizer.tenant',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integrationErrorMessage',
};
