import { Duration, Validations } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  NetworkLoadBalancer,
  NetworkTargetGroup,
  Protocol,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.ts';
import type { ContainerService } from './container-service.ts';
import { type MailNetwork, submissionPorts } from './mail-network.ts';

export interface SubmissionLoadBalancerProps {
  readonly alarms: Alarms;
  readonly certificate: ICertificate;
  readonly containers: ContainerService;
  readonly network: MailNetwork;
  /** The ports that the containers listen on. */
  readonly ports: Readonly<Record<keyof typeof submissionPorts, number>>;
}

/**
 * The network load balancer before the containers. On 465 and 2465 it ends TLS, with the
 * certificate that ACM renews, and goes on by TLS; on 587 and 2587 the containers speak STARTTLS.
 */
export class SubmissionLoadBalancer extends Construct {
  readonly loadBalancer: NetworkLoadBalancer;

  constructor(scope: Construct, id: string, props: SubmissionLoadBalancerProps) {
    super(scope, id);
    const { alarms, certificate, containers, network, ports } = props;
    this.loadBalancer = new NetworkLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      internetFacing: true,
      crossZoneEnabled: true,
      securityGroups: [network.loadBalancers],
    });
    Validations.of(this.loadBalancer).acknowledge({
      id: 'AwsSolutions-ELB2',
      reason: 'Its access logs know TLS connections only; the service logs every session and mail.',
    });
    const tls = this.#targets('Tls', Protocol.TLS, ports.tls, props);
    const starttls = this.#targets('Starttls', Protocol.TCP, ports.starttls, props);
    containers.attachTo(tls, ports.tls);
    containers.attachTo(starttls, ports.starttls);
    for (const port of submissionPorts.tls) {
      this.loadBalancer.addListener(`Tls${port}`, {
        port,
        protocol: Protocol.TLS,
        certificates: [certificate],
        sslPolicy: SslPolicy.RECOMMENDED_TLS,
        defaultTargetGroups: [tls],
      });
    }
    for (const port of submissionPorts.starttls) {
      this.loadBalancer.addListener(`Starttls${port}`, {
        port,
        protocol: Protocol.TCP,
        defaultTargetGroups: [starttls],
      });
    }
    containers.scaleOnConnections({
      connections: this.loadBalancer.metrics.activeFlowCount({ statistic: Stats.AVERAGE }),
      tasks: starttls.metrics.healthyHostCount({ statistic: Stats.MAXIMUM }),
      // Of the 500 that a task takes.
      perTask: 300,
    });
    alarms.add(this, 'Unhealthy', {
      name: 'smtp-unhealthy',
      severity: 'urgent',
      says: 'SMTP containers do not answer.',
      metric: starttls.metrics.unHealthyHostCount({
        period: Duration.minutes(1),
        statistic: Stats.MINIMUM,
      }),
      periods: 5,
    });
  }

  /**
   * ECS deregisters a task, waits the delay, and only then signals the end, so a new connection
   * never meets a server that ends. Mail that is coming in goes on: its connection is not cut.
   */
  #targets(
    id: string,
    protocol: Protocol,
    port: number,
    { network }: SubmissionLoadBalancerProps,
  ): NetworkTargetGroup {
    return new NetworkTargetGroup(this, id, {
      vpc: network.vpc,
      protocol,
      port,
      targetType: TargetType.IP,
      preserveClientIp: true,
      deregistrationDelay: Duration.seconds(10),
      connectionTermination: false,
      healthCheck: { protocol: Protocol.TCP, interval: Duration.seconds(10) },
    });
  }
}
