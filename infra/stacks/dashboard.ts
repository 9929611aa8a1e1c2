/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  ClientAttributes,
  OAuthScope,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import declaration from '../../lambdas/dashboard/function.ts';
import type { Config } from '../config.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { OnboardingStack } from './onboarding.ts';
import type { UsersStack } from './users.ts';

export interface DashboardStackProps extends StackProps {
  readonly service: Service;
  readonly onboarding: OnboardingStack;
  readonly users: UsersStack;
}

/**
 * Every address of the page that is no file is the page itself, which reads the address. A rewrite
 * rather than an error page, since that would also take the place of the API's own 403 and 404.
 */
const rewriteToPage = `function handler(event) {
  var request = event.request;
  if (!request.uri.startsWith('/assets/') && request.uri !== '/config.json') {
    request.uri = '/index.html';
  }
  return request;
}
`;

/** The path of API Gateway that the page's files are below; the distribution adds it. */
const FILES = '/dashboard';

/**
 * The customers' web page: CloudFront, before a function that has the built files in its bundle and
 * the settings of the sign-in in its environment, and before the API on the same origin below /v1.
 * The function is reached through API Gateway: the client of the sign-in needs the distribution's
 * name, and the function that client, so a URL of the function itself would be a cycle.
 */
export class DashboardStack extends Stack {
  /** The address of the page. */
  readonly url: string;

  constructor(
    scope: Construct,
    id: string,
    { service, onboarding, users, ...props }: DashboardStackProps,
  ) {
    super(scope, id, props);
    const signInOrigin = users.domain.baseUrl();
    const distribution = this.#distribution(service.config, onboarding, signInOrigin);
    const url = `https://${distribution.distributionDomainName}`;
    this.url = url;
    const client = new UserPoolClient(this, 'Client', {
      userPool: users.pool,
      userPoolClientName: 'dashboard',
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [`${url}/`],
        logoutUrls: [`${url}/`],
      },
      // Hosted pages alone: no flow by which a program signs in with a password.
      authFlows: { userSrp: false, userPassword: false, adminUserPassword: false, custom: false },
      // What says who a user is, nobody changes of themselves.
      readAttributes: new ClientAttributes().withStandardAttributes({
        email: true,
        emailVerified: true,
      }),
      // Cognito takes an empty list for all. What a provider gives must be writable; a user's own
      // token has no scope to write anything.
      writeAttributes: new ClientAttributes().withStandardAttributes(
        users.provider === undefined ? { locale: true } : { email: true },
      ),
      supportedIdentityProviders: [
        UserPoolClientIdentityProvider.COGNITO,
        ...(users.provider === undefined
          ? []
          : [UserPoolClientIdentityProvider.custom(users.provider.providerName)]),
      ],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
    });
    const target = new ServiceFunction(this, 'Page', {
      service,
      declaration,
      environment: { SIGN_IN_ORIGIN: signInOrigin, SIGN_IN_CLIENT_ID: client.userPoolClientId },
    });
    new Routes(this, 'PageRoutes', {
      api: onboarding.api,
      target,
      routeKeys: ['GET', 'HEAD'].map((method) => `${method} ${FILES}/{file+}`),
      open: 'The files of a page that anybody may open.',
    });
    new CfnOutput(this, 'DashboardUrl', {
      description: 'Where customers find the dashboard',
      value: url,
    });
  }

  #distribution(config: Config, { api }: OnboardingStack, signInOrigin: string): Distribution {
    const responseHeadersPolicy = this.#securityHeaders(config, signInOrigin);
    const apiHost = `${api.apiId}.execute-api.${this.region}.${this.urlSuffix}`;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${config.name}: the dashboard`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: new HttpOrigin(apiHost, { originPath: FILES }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy,
        functionAssociations: [
          {
            eventType: FunctionEventType.VIEWER_REQUEST,
            function: new EdgeFunction(this, 'Rewrite', {
              functionName: `${config.name}-${config.region}-dashboard`,
              comment: 'Answers the addresses of the page with the page',
              runtime: FunctionRuntime.JS_2_0,
              code: FunctionCode.fromInline(rewriteToPage),
            }),
          },
        ],
      },
      additionalBehaviors: {
        // One origin for page and API: no CORS, and `connect-src 'self'` covers both.
        '/v1/*': {
          origin: new HttpOrigin(apiHost),
          allowedMethods: AllowedMethods.ALLOW_ALL,
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          responseHeadersPolicy,
        },
      },
    });
    Validations.of(distribution).acknowledge(
      {
        id: 'AwsSolutions-CFR1',
        reason: 'Customers may be in any country.',
      },
      {
        id: 'AwsSolutions-CFR2',
        reason:
          'The files are static, and the API is reached without CloudFront too: it holds its own.',
      },
      {
        id: 'AwsSolutions-CFR3',
        reason: 'The API logs every call; who fetched the files of a public page is of no use.',
      },
      {
        id: 'AwsSolutions-CFR4',
        reason:
          "CloudFront's own certificate fixes TLSv1 as the least; browsers agree on TLS 1.3. An operator's own name and certificate lift it.",
      },
    );
    return distribution;
  }

  #securityHeaders(config: Config, signInOrigin: string): ResponseHeadersPolicy {
    const contentSecurityPolicy = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      `connect-src 'self' ${signInOrigin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; ');
    return new ResponseHeadersPolicy(this, 'SecurityHeaders', {
      responseHeadersPolicyName: `${config.name}-${config.region}-dashboard`,
      securityHeadersBehavior: {
        // A page that the API itself answers with, for shared records, has a policy of its own.
        contentSecurityPolicy: { contentSecurityPolicy, override: false },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(730),
          includeSubdomains: true,
          override: true,
        },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
          {
            header: 'Permissions-Policy',
            value: 'camera=(), geolocation=(), microphone=(), payment=()',
            override: true,
          },
        ],
      },
    });
  }
}
