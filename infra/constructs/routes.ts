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
import type { ServiceFunction } from './service-function.ts';

export interface RoutesProps {
  readonly api: IHttpApi;
  /** Default: none, for paths that are a secret themselves. */
  readonly authorizer?: IHttpAuthorizer;
  readonly target: ServiceFunction;
  /** `POST /v1/domains`, ..., or `$default` for whatever no other route takes. */
  readonly routeKeys: readonly string[];
}

/** Routes of the HTTP API to one function, all behind the authorizer where there is one. */
export class Routes extends Construct {
  constructor(scope: Construct, id: string, { api, authorizer, target, routeKeys }: RoutesProps) {
    super(scope, id);
    const integration = new CfnIntegration(this, 'Integration', {
      apiId: api.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: target.function.functionArn,
      payloadFormatVersion: '2.0',
    });
    for (const routeKey of routeKeys) {
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
