/* oxlint-disable no-new -- a construct adds itself to its scope */
import {
  CfnOutput,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
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
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  OAuthScope,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { OnboardingStack } from './onboarding.ts';
import type { UsersStack } from './users.ts';

export interface DashboardStackProps extends StackProps {
  readonly config: Config;
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

/**
 * The customers' web page: static files in S3 behind CloudFront, the API on the same origin below
 * /v1, and the client of the hosted sign-in. What is in the bucket is put there by
 * `npm run dashboard:deploy`, since CDK's way to do it is a custom resource.
 */
export class DashboardStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { config, onboarding, users, ...props }: DashboardStackProps,
  ) {
    super(scope, id, props);
    const signInOrigin = users.domain.baseUrl();
    const files = this.#files();
    const distribution = this.#distribution(config, files, onboarding, signInOrigin);
    const url = `https://${distribution.distributionDomainName}`;
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
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
    });

    // The outputs that `npm run dashboard:deploy` reads.
    const outputs = {
      DashboardUrl: url,
      DashboardBucket: files.bucketName,
      SignInOrigin: signInOrigin,
      SignInClientId: client.userPoolClientId,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  #files(): Bucket {
    const bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds the files of a public page and no data; only CloudFront reads it.',
    });
    return bucket;
  }

  #distribution(
    config: Config,
    files: Bucket,
    { api }: OnboardingStack,
    signInOrigin: string,
  ): Distribution {
    const responseHeadersPolicy = this.#securityHeaders(config, signInOrigin);
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${config.name}: the dashboard`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files),
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
          origin: new HttpOrigin(`${api.apiId}.execute-api.${this.region}.${this.urlSuffix}`),
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
