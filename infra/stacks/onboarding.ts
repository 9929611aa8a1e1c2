/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  AuthorizerPayloadVersion,
  type CfnStage,
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
import authorizer from '../../lambdas/authorizer/function.ts';
import domains from '../../lambdas/domains/function.ts';
import preflight from '../../lambdas/preflight/function.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { OPEN_ROUTE_THROTTLE, Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { SigningKey } from '../constructs/signing-key.ts';
import type { Service } from '../constructs/service.ts';
import type { UsersStack } from './users.ts';

export interface OnboardingStackProps extends StackProps {
  readonly service: Service;
  readonly users: UsersStack;
}

/** The HTTP API, who may call it, and the routes about domains. */
export class OnboardingStack extends Stack {
  readonly api: HttpApi;
  readonly authorizer: HttpAuthorizer;
  #stage: HttpStage | undefined;

  constructor(scope: Construct, id: string, { service, users, ...props }: OnboardingStackProps) {
    super(scope, id, props);
    const { config, alarms } = service;
    // Only where the operator has set up Domain Connect.
    const connect = config.domainConnect && {
      ...config.domainConnect,
      key: new SigningKey(this, 'DomainConnectKey', config).key.keyArn,
    };
    this.api = this.#api(config, alarms);
    this.authorizer = this.#authorizer(service, users);

    const fn = new ServiceFunction(this, 'Domains', {
      service,
      declaration: domains,
      environment: { DOMAIN_CONNECT: JSON.stringify(connect ?? null) },
    });
    if (connect !== undefined) fn.allow({ actions: ['kms:Sign'], resources: [connect.key] });
    new Routes(this, 'DomainRoutes', {
      api: this.api,
      authorizer: this.authorizer,
      target: fn,
      // 404 and 405 come from the function, as problem details like every other error.
      takesUnknown: true,
    });

    this.#throttle(
      new Routes(this, 'SharedRoutes', {
        api: this.api,
        target: fn,
      }),
      new Routes(this, 'PreflightRoutes', {
        api: this.api,
        target: new ServiceFunction(this, 'Preflight', { service, declaration: preflight }),
        // Greedy: a preflight request goes to the path of the request that follows.
        routeKeys: ['OPTIONS /{proxy+}'],
        open: 'A preflight request has no credentials; it is answered by the origin alone.',
      }),
    );

    new CfnOutput(this, 'ApiUrl', {
      description: 'Where customers call the API',
      value: this.api.apiEndpoint,
    });
  }

  #api(config: Config, alarms: Alarms): HttpApi {
    const api = new HttpApi(this, 'Api', { apiName: config.name, createDefaultStage: false });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/apigateway/${config.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#stage = new HttpStage(this, 'Stage', {
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

  /** Gives routes that anybody may call a rate of their own, beside that of the whole stage. */
  #throttle(...open: readonly Routes[]): void {
    const stage = this.#stage as HttpStage;
    (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      open.flatMap(({ routeKeys }) => routeKeys).map((key) => [key, OPEN_ROUTE_THROTTLE]),
    );
    // API Gateway refuses settings of a route that is not there yet.
    stage.node.addDependency(...open);
  }

  #authorizer(service: Service, users: UsersStack): HttpAuthorizer {
    const fn = new ServiceFunction(this, 'Authorizer', {
      service,
      declaration: authorizer,
      keptConcurrency: service.config.concurrency.authorizer,
      environment: { USER_POOL_ID: users.pool.userPoolId },
    });
    // With an identity source API Gateway itself answers 401 to a call without the header. Nothing
    // is cached, so that a revoked key is refused at once.
    const asked = new HttpAuthorizer(this, 'ApiKey', {
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
        resourceName: `authorizers/${asked.authorizerId}`,
      }),
    });
    return asked;
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
  platform: '$context.authorizer.platform',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integrationErrorMessage',
};
