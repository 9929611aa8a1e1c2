import { Validations } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** The ports that mail is submitted to (RFC 8314, RFC 6409, and those that networks let through). */
export const submissionPorts = { tls: [465, 2465], starttls: [587, 2587] } as const;

export interface MailNetworkProps {
  /** The ports that the containers listen on. */
  readonly ports: Readonly<Record<keyof typeof submissionPorts, number>>;
}

/**
 * Two public subnets without a NAT gateway. The world reaches the load balancer, only the load
 * balancer reaches the containers, and they reach AWS by HTTPS.
 */
export class MailNetwork extends Construct {
  readonly vpc: Vpc;
  readonly loadBalancers: SecurityGroup;
  readonly containers: SecurityGroup;

  constructor(scope: Construct, id: string, { ports }: MailNetworkProps) {
    super(scope, id);
    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      // True would make a custom resource.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    this.loadBalancers = new SecurityGroup(this, 'LoadBalancers', {
      vpc: this.vpc,
      description: 'The load balancer: submission from anywhere',
      allowAllOutbound: false,
    });
    this.containers = new SecurityGroup(this, 'Containers', {
      vpc: this.vpc,
      description: 'The containers: from the load balancer, to AWS',
      allowAllOutbound: false,
    });
    for (const port of Object.values(submissionPorts).flat()) {
      this.loadBalancers.addIngressRule(Peer.anyIpv4(), Port.tcp(port), 'Submission');
    }
    for (const port of Object.values(ports)) {
      this.loadBalancers.addEgressRule(this.containers, Port.tcp(port), 'To the containers');
      this.containers.addIngressRule(this.loadBalancers, Port.tcp(port), 'Submission');
    }
    this.containers.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "AWS's services, and images");
    Validations.of(this.vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Flow logs would hold the address of every client; the service logs sessions without them.',
    });
    Validations.of(this.loadBalancers).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: 'Customers submit mail from anywhere; each must sign in over TLS.',
    });
  }
}
