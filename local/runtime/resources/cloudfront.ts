import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';
import type { DeclaredBehavior, Deployment, Header } from '../deployment.ts';

/** The policies of CloudFront's own that behaviours may name: how long answers are cached, and what the origin gets. */
const cachePolicies = {
  '658327ea-f89d-4fab-a63d-7e88639e58f6': 'CachingOptimized',
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': 'CachingDisabled',
} as const;
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

const functionAssociations = z.tuple([
  z.strictObject({ EventType: z.literal('viewer-request'), FunctionARN: z.string() }),
]);

const behavior = {
  AllowedMethods: z.array(z.string()).optional(),
  CachePolicyId: z
    .string()
    .refine(
      (id): id is keyof typeof cachePolicies => id in cachePolicies,
      'is not known to the local run',
    ),
  FunctionAssociations: functionAssociations.optional(),
  OriginRequestPolicyId: z.literal(ALL_VIEWER_EXCEPT_HOST_HEADER).optional(),
  Compress: z.literal(true),
  ResponseHeadersPolicyId: z.string(),
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: accepted('there is no TLS on this machine'),
};

type Behavior = z.infer<z.ZodObject<typeof behavior>>;

const origin = z.strictObject({
  Id: z.string(),
  DomainName: z.string(),
  OriginPath: z.string().default(''),
  CustomOriginConfig: accepted('the API is reached by plain HTTP here'),
});

const overriding = { Override: z.boolean() };

/**
 * Defines CloudFront as far as the dashboard uses it: the HTTP API is the origin of all behaviours,
 * below a path or not.
 */
export function cloudFrontTypes(account: string, deployment: Deployment): ResourceTypes {
  const headers = new Map<string, readonly Header[]>();
  const functions = new Map<string, string>();
  return {
    'AWS::CloudFront::Function': resourceType(
      {
        Name: z.string(),
        AutoPublish: z.literal(true),
        FunctionCode: z.string(),
        FunctionConfig: z.strictObject({
          Comment: z.string(),
          Runtime: z.literal('cloudfront-js-2.0'),
        }),
      },
      ({ properties: { Name, FunctionCode } }) => {
        const arn = `arn:aws:cloudfront::${account}:function/${Name}`;
        functions.set(arn, FunctionCode);
        return { ref: arn, attributes: { FunctionARN: arn } };
      },
    ),
    'AWS::CloudFront::ResponseHeadersPolicy': resourceType(
      {
        ResponseHeadersPolicyConfig: z.strictObject({
          Name: z.string(),
          CustomHeadersConfig: z.strictObject({
            Items: z.array(
              z.strictObject({ Header: z.string(), Value: z.string(), ...overriding }),
            ),
          }),
          SecurityHeadersConfig: securityHeaders,
        }),
      },
      ({ logicalId, properties: { ResponseHeadersPolicyConfig: policy } }) => {
        headers.set(logicalId, [
          ...securityHeadersOf(policy.SecurityHeadersConfig),
          ...policy.CustomHeadersConfig.Items.map(
            ({ Header: name, Value: value, Override: override }): Header => ({
              name,
              value,
              override,
            }),
          ),
        ]);
        return { ref: logicalId };
      },
    ),
    'AWS::CloudFront::Distribution': resourceType(
      {
        DistributionConfig: z.strictObject({
          Enabled: z.literal(true),
          Comment: z.string(),
          HttpVersion: accepted('HTTP/1.1 is spoken here'),
          IPV6Enabled: accepted('everything is on 127.0.0.1'),
          Origins: z.array(origin),
          DefaultCacheBehavior: z.strictObject(behavior),
          CacheBehaviors: z.array(
            z.strictObject({
              ...behavior,
              PathPattern: z.string().regex(/^\/[\w/-]*\*$/),
            }),
          ),
        }),
        Tags: tags,
      },
      ({ generatedName, properties: { DistributionConfig: config } }) => {
        const id = generatedName(14).toUpperCase();
        const declared = (prefix: string, of: Behavior): DeclaredBehavior => {
          const [association] = of.FunctionAssociations ?? [];
          return {
            prefix,
            originPath: originOf(config.Origins, of.TargetOriginId),
            rewrite: association && known(functions, association.FunctionARN),
            caches: cachePolicies[of.CachePolicyId] === 'CachingOptimized',
            headers: known(headers, of.ResponseHeadersPolicyId),
          };
        };
        deployment.distributions.set(id, {
          defaultBehavior: declared('', config.DefaultCacheBehavior),
          behaviors: config.CacheBehaviors.map(({ PathPattern, ...of }) =>
            declared(PathPattern.slice(0, -1), of),
          ),
        });
        return { ref: id, attributes: { DomainName: `${id.toLowerCase()}.cloudfront.net` } };
      },
    ),
  };
}

const securityHeaders = z.strictObject({
  ContentSecurityPolicy: z.strictObject({ ContentSecurityPolicy: z.string(), ...overriding }),
  ContentTypeOptions: z.strictObject(overriding),
  FrameOptions: z.strictObject({ FrameOption: z.string(), ...overriding }),
  ReferrerPolicy: z.strictObject({ ReferrerPolicy: z.string(), ...overriding }),
  StrictTransportSecurity: z.strictObject({
    AccessControlMaxAgeSec: z.number(),
    IncludeSubdomains: z.literal(true),
    ...overriding,
  }),
});

const field = (name: string, value: string, { Override }: { Override: boolean }): Header => ({
  name,
  value,
  override: Override,
});

/** The header fields that CloudFront makes of the security headers of a policy. */
function securityHeadersOf(policy: z.infer<typeof securityHeaders>): Header[] {
  const {
    ContentSecurityPolicy: security,
    ContentTypeOptions: types,
    FrameOptions: frames,
    ReferrerPolicy: referrer,
    StrictTransportSecurity: transport,
  } = policy;
  return [
    field('Content-Security-Policy', security.ContentSecurityPolicy, security),
    field('X-Content-Type-Options', 'nosniff', types),
    field('X-Frame-Options', frames.FrameOption, frames),
    field('Referrer-Policy', referrer.ReferrerPolicy, referrer),
    field(
      'Strict-Transport-Security',
      `max-age=${transport.AccessControlMaxAgeSec}; includeSubDomains`,
      transport,
    ),
  ];
}

/** @throws Error where the origin is no HTTP API */
function originOf(origins: readonly z.infer<typeof origin>[], id: string): string {
  const found = origins.find((each) => each.Id === id);
  if (found?.DomainName.includes('.execute-api.')) return found.OriginPath;
  throw new Error(
    `the origin ${id} is no HTTP API, which is the only one that the local run knows`,
  );
}

/** @throws Error where the template has no such thing */
function known<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`${name} was not declared before`);
  return found;
}
