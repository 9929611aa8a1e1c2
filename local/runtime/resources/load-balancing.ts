import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';

const ONE_TASK = 'one task runs here, which clients reach directly';

/** Elastic Load Balancing's network load balancers: their ports lead to those of containers. */
export function loadBalancingTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  const arnOf = (rest: string): string =>
    `arn:aws:elasticloadbalancing:${region}:${account}:${rest}`;
  return {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': resourceType(
      {
        LoadBalancerAttributes: accepted(ONE_TASK),
        Scheme: z.literal('internet-facing'),
        SecurityGroups: z.array(z.string()),
        Subnets: z.array(z.string()),
        Type: z.literal('network'),
        Tags: tags,
      },
      ({ generatedName }) => {
        const name = generatedName(32);
        const fullName = `net/${name}/0000000000000000`;
        const dnsName = `${name}.elb.${region}.amazonaws.com`;
        deployment.loadBalancers.add(dnsName);
        return {
          ref: arnOf(`loadbalancer/${fullName}`),
          attributes: {
            LoadBalancerFullName: fullName,
            DNSName: dnsName,
            CanonicalHostedZoneID: 'ZLOCAL',
          },
        };
      },
    ),
    'AWS::ElasticLoadBalancingV2::TargetGroup': resourceType(
      {
        HealthCheckIntervalSeconds: accepted(ONE_TASK),
        HealthCheckProtocol: accepted(ONE_TASK),
        Port: z.int(),
        Protocol: z.enum(['TCP', 'TLS']),
        TargetGroupAttributes: accepted(ONE_TASK),
        TargetType: z.literal('ip'),
        VpcId: z.string(),
        Tags: tags,
      },
      ({ generatedName, properties: { Port: port } }) => {
        const name = generatedName(32);
        const fullName = `targetgroup/${name}/0000000000000000`;
        const arn = arnOf(fullName);
        deployment.targetPorts.set(arn, port);
        return { ref: arn, attributes: { TargetGroupFullName: fullName } };
      },
    ),
    'AWS::ElasticLoadBalancingV2::Listener': resourceType(
      {
        Certificates: z.array(z.strictObject({ CertificateArn: z.string() })).optional(),
        DefaultActions: z
          .array(z.strictObject({ TargetGroupArn: z.string(), Type: z.literal('forward') }))
          .length(1),
        LoadBalancerArn: z.string(),
        Port: z.int(),
        Protocol: z.enum(['TCP', 'TLS']),
        SslPolicy: accepted('the container ends TLS here'),
      },
      ({ generatedName, properties: { DefaultActions: actions, Port: port, LoadBalancerArn } }) => {
        const arn = actions[0]?.TargetGroupArn ?? '';
        const containerPort = deployment.targetPorts.get(arn);
        if (containerPort === undefined) throw new Error(`there is no target group ${arn}`);
        deployment.listeners.set(port, containerPort);
        const [, balancer] = LoadBalancerArn.split(':loadbalancer/');
        return { ref: arnOf(`listener/${balancer}/${generatedName(16)}`) };
      },
    ),
  };
}
