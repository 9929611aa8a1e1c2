import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  accepted,
  boolean,
  integer,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';
import { parseRouteKey } from '../http-api/route.ts';

const FUNCTION_PATH =
  /^arn:aws:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

const throttle = z.strictObject({
  ThrottlingBurstLimit: integer,
  ThrottlingRateLimit: integer,
});

/** API Gateway's HTTP APIs: what they are made of, for the server to put together. */
export function apiGatewayTypes(url: string, deployment: Deployment): ResourceTypes {
  return {
    'AWS::ApiGatewayV2::Api': resourceType(
      { Name: z.string(), ProtocolType: z.literal('HTTP'), Tags: tags },
      ({ stack, logicalId, properties: { Name } }) => {
        const id = idOf(`${stack.name}/${logicalId}`);
        deployment.apis.set(id, {
          id,
          name: Name,
          stage: undefined,
          authorizers: new Map(),
          integrations: new Map(),
          routes: [],
          throttles: new Map(),
        });
        return { ref: id, attributes: { ApiId: id, ApiEndpoint: url } };
      },
    ),
    'AWS::ApiGatewayV2::Stage': resourceType(
      {
        ApiId: z.string(),
        StageName: z.literal('$default'),
        AutoDeploy: z.literal(true),
        AccessLogSettings: accepted('each function logs what it was asked'),
        DefaultRouteSettings: accepted('a stage is not throttled here, only routes by their own'),
        RouteSettings: z.record(z.string(), throttle).default({}),
        Tags: tags,
      },
      ({ properties: { ApiId, StageName, RouteSettings } }) => {
        const api = deployment.api(ApiId);
        api.stage = StageName;
        for (const [routeKey, settings] of Object.entries(RouteSettings)) {
          if (!api.routes.some((route) => route.routeKey === routeKey)) {
            throw new Error(
              `Unable to find Route by key ${routeKey} within the provided RouteSettings`,
            );
          }
          api.throttles.set(routeKey, {
            burst: settings.ThrottlingBurstLimit,
            perSecond: settings.ThrottlingRateLimit,
          });
        }
        return { ref: StageName };
      },
    ),
    'AWS::ApiGatewayV2::Integration': resourceType(
      {
        ApiId: z.string(),
        IntegrationType: z.literal('AWS_PROXY'),
        IntegrationUri: z.string(),
        PayloadFormatVersion: z.literal('2.0'),
        TimeoutInMillis: integer.default(30_000),
      },
      ({ stack, logicalId, properties }) => {
        const id = idOf(`${stack.name}/${logicalId}`);
        deployment.api(properties.ApiId).integrations.set(id, {
          functionArn: functionOf(properties.IntegrationUri),
          timeoutMilliseconds: properties.TimeoutInMillis,
        });
        return { ref: id };
      },
    ),
    'AWS::ApiGatewayV2::Authorizer': resourceType(
      {
        ApiId: z.string(),
        Name: z.string(),
        AuthorizerType: z.literal('REQUEST'),
        AuthorizerUri: z.string(),
        AuthorizerPayloadFormatVersion: z.literal('2.0'),
        EnableSimpleResponses: boolean.pipe(z.literal(true)),
        AuthorizerResultTtlInSeconds: integer.pipe(z.literal(0)),
        IdentitySource: z.array(z.string()).min(1),
      },
      ({ stack, logicalId, properties }) => {
        const id = idOf(`${stack.name}/${logicalId}`);
        deployment.api(properties.ApiId).authorizers.set(id, {
          id,
          functionArn: functionOf(properties.AuthorizerUri),
          identitySources: properties.IdentitySource,
        });
        return { ref: id, attributes: { AuthorizerId: id } };
      },
    ),
    'AWS::ApiGatewayV2::Route': resourceType(
      {
        ApiId: z.string(),
        RouteKey: z.string(),
        Target: z.string().regex(/^integrations\/\w+$/),
        AuthorizationType: z.enum(['CUSTOM', 'NONE']).default('NONE'),
        AuthorizerId: z.string().optional(),
      },
      ({ stack, logicalId, properties }) => {
        parseRouteKey(properties.RouteKey);
        if (
          (properties.AuthorizationType === 'CUSTOM') !==
          (properties.AuthorizerId !== undefined)
        ) {
          throw new Error('AuthorizationType CUSTOM and an AuthorizerId go together');
        }
        deployment.api(properties.ApiId).routes.push({
          routeKey: properties.RouteKey,
          integrationId: properties.Target.replace('integrations/', ''),
          authorizerId: properties.AuthorizerId,
        });
        return { ref: idOf(`${stack.name}/${logicalId}`) };
      },
    ),
  };
}

/** The function that a URI is about: its ARN, or the path that invokes it. */
const functionOf = (uri: string): string => FUNCTION_PATH.exec(uri)?.[1] ?? uri;

/** An id like API Gateway's, the same at every start. */
const idOf = (name: string): string =>
  BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 13)}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10);
