import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Certificate,
  CertificateValidation,
  type ICertificate,
} from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import smtp from '../../smtp/service.ts';
import { ContainerService } from '../constructs/container-service.ts';
import { MailNetwork } from '../constructs/mail-network.ts';
import type { Service } from '../constructs/service.ts';
import { SubmissionLoadBalancer } from '../constructs/submission-load-balancer.ts';
import { smtpHost } from '../names.ts';
import type { DnsStack } from './dns.ts';
import type { OutboundStack } from './outbound.ts';

export interface SmtpStackProps extends StackProps {
  readonly service: Service;
  readonly dns: DnsStack;
  readonly outbound: OutboundStack;
}

/** SMTP submission: a load balancer at `smtp.<zone>`, and the containers behind it. */
export class SmtpStack extends Stack {
  constructor(scope: Construct, id: string, { service, dns, outbound, ...props }: SmtpStackProps) {
    super(scope, id, props);
    const { config, alarms } = service;
    const host = smtpHost(config);
    const certificate = this.#certificate(host, dns);
    const network = new MailNetwork(this, 'Network', { ports: smtp.ports });
    const containers = new ContainerService(this, 'Containers', {
      service,
      declaration: smtp,
      network,
      tasks: { minimum: config.smtp.minimumTasks, maximum: config.smtp.maximumTasks },
      environment: {
        MAIL_BUCKET: outbound.mail.bucketName,
        CERTIFICATE_ARN: certificate.certificateArn,
      },
    });
    // By the name of the export, as cdk-nag names what it finds.
    const mailArn = outbound.exportValue(outbound.mail.bucketArn);
    containers.allow(
      { actions: ['s3:PutObject'], resources: [`${mailArn}/mail/*`] },
      'Each mail is an object of its own.',
    );
    containers.allow({
      actions: ['acm:ExportCertificate'],
      resources: [certificate.certificateArn],
    });
    const { loadBalancer } = new SubmissionLoadBalancer(this, 'LoadBalancer', {
      alarms,
      certificate,
      containers,
      network,
      ports: smtp.ports,
    });
    const address = new ARecord(this, 'Address', {
      zone: dns.zone,
      recordName: `${host}.`,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
    });
    address.node.addDependency(loadBalancer);
  }

  /** By number, also where the account is named: there the CDK would query AWS for their names. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  /** Exportable, since STARTTLS ends in the containers. */
  #certificate(host: string, { zone }: DnsStack): ICertificate {
    return new Certificate(this, 'Certificate', {
      domainName: host,
      validation: CertificateValidation.fromDns(zone),
      allowExport: true,
    });
  }
}
