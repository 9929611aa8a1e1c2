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

export interface RoutesProps {
  readonly api: IHttpApi;
  /** Default: none, for the function's paths that are a secret themselves. */
  readonly authorizer?: IHttpAuthorizer;
  readonly target: ServiceFunction;
  /** True if the function also gets requests that no route takes. @default false */
  readonly takesUnknown?: boolean;
}

/** The routes of the HTTP API that a function answers: behind the authorizer, or those without one. */
export class Routes extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { api, authorizer, target, takesUnknown = false }: RoutesProps,
  ) {
    super(scope, id);
    const routeKeys = routeKeysOf(target.name, authorizer !== undefined);
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
          reason: 'Its path holds a secret of 256 random bits, which the function checks.',
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
