/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, Validations } from 'aws-cdk-lib';
import {
  CfnIntegration,
  CfnRoute,
  type IHttpApi,
  type IHttpAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { routeKeysOf } from '#shared/api/routes/index.ts';
import type { ServiceFunction } from './service-function.ts';

/** Routes that no authorizer guards are throttled: a stranger can send to them as much as they like. */
export const OPEN_ROUTE_THROTTLE = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

export interface RoutesProps {
  readonly api: IHttpApi;
  /** Default: none, for those of the function's routes whose path or body holds a secret. */
  readonly authorizer?: IHttpAuthorizer;
  readonly target: ServiceFunction;
  /** True if the function also gets requests that no route takes. @default false */
  readonly takesUnknown?: boolean;
  /** As API Gateway writes them. @default those of the API that name the function */
  readonly routeKeys?: readonly string[];
  /** Why they need no authorizer. @default a secret in the path or body */
  readonly open?: string;
}

/** The routes of the HTTP API that a function answers: behind the authorizer, or those without one. */
export class Routes extends Construct {
  /** As API Gateway writes them. */
  readonly routeKeys: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    {
      api,
      authorizer,
      target,
      takesUnknown = false,
      routeKeys = routeKeysOf(target.name, authorizer !== undefined),
      open = 'Its path or body holds a secret of 256 random bits, which the function checks.',
    }: RoutesProps,
  ) {
    super(scope, id);
    this.routeKeys = routeKeys;
    const integration = new CfnIntegration(this, 'Integration', {
      apiId: api.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: target.function.functionArn,
      payloadFormatVersion: '2.0',
    });
    for (const routeKey of [...routeKeys, ...(takesUnknown ? ['$default'] : [])]) {
      const route = new CfnRoute(this, routeKey.replace(/[^A-Za-z0-9]+/g, '-'), {
        apiId: api.apiId,
        routeKey,
        target: `integrations/${integration.ref}`,
        ...(authorizer === undefined
          ? { authorizationType: 'NONE' }
          : { authorizationType: 'CUSTOM', authorizerId: authorizer.authorizerId }),
      });
      if (authorizer === undefined) {
        Validations.of(route).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason: open,
        });
      }
    }
    // `*/*` is any stage and any route. CDK's own permission for a whole API ends in `/*/*/*`,
    // which `<stage>/$default` does not match (aws/serverless-application-model#1860).
    target.function.addPermission('Api', {
      scope: this,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: api.apiId,
        resourceName: '*/*',
      }),
    });
  }
}
