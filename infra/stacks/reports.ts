/* oxlint-disable no-new -- a construct adds itself to its scope */
import {
  CfnOutput,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRecordSet, type IHostedZone, MxRecord } from 'aws-cdk-lib/aws-route53';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { CfnEmailIdentity, CfnReceiptRule, CfnReceiptRuleSet } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import reports from '../../lambdas/reports/function.ts';
import rollOutPlanner from '../../lambdas/roll-out-planner/function.ts';
import rollOut from '../../lambdas/roll-out/function.ts';
import type { Config } from '../config.ts';
import { receivesMail } from '../config/regions.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import { reportsHost } from '../names.ts';
import type { DnsStack } from './dns.ts';

export interface ReportsStackProps extends StackProps {
  readonly service: Service;
  readonly dns: DnsStack;
}

/**
 * DMARC reports: received by SES where it receives mail, read, summed, and what follows from them
 * for each domain's policy.
 */
export class ReportsStack extends Stack {
  constructor(scope: Construct, id: string, { service, dns, ...props }: ReportsStackProps) {
    super(scope, id, props);
    if (receivesMail(service.config.region)) {
      const bucket = this.#bucket();
      this.#reader(service, bucket);
      this.#inbound(service.config, bucket, this.#topic(service), dns.zone);
    }
    // Moves each domain's DMARC policy, once a day.
    new ServiceFunction(this, 'RollOut', { service, declaration: rollOut });
    new ServiceFunction(this, 'RollOutPlanner', {
      service,
      declaration: rollOutPlanner,
      failuresId: 'PlannerFailures',
    });
  }

  #bucket(): Bucket {
    const bucket = new Bucket(this, 'RawReports', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        {
          id: 'raw-reports-are-kept-90-days',
          expiration: Duration.days(90),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'SES puts and one function gets, which logs each mail.',
    });
    return bucket;
  }

  /** SES notifies of each mail it stored: topic -> queue -> function. */
  #topic({ config, queues }: Service): Topic {
    const topic = new Topic(this, 'Received', {
      topicName: `${config.name}-reports-received`,
      enforceSSL: true,
    });
    queues.get(reports.wokenBy.queue.name).subscribe(topic, 'ReceivedUndelivered');
    return topic;
  }

  /** Mail to the reports host: its MX, the identity that SES wants of it, and what SES does with mail. */
  #inbound(config: Config, bucket: Bucket, topic: Topic, zone: IHostedZone): void {
    const host = reportsHost(config);
    const mx = new MxRecord(this, 'Mx', {
      zone,
      recordName: `${host}.`,
      values: [{ priority: 10, hostName: `inbound-smtp.${this.region}.amazonaws.com` }],
      ttl: Duration.hours(1),
    });
    // Customers' DMARC records name the host, and the zone stays.
    mx.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const identity = new CfnEmailIdentity(this, 'Identity', { emailIdentity: host });
    const tokens = [
      [identity.attrDkimDnsTokenName1, identity.attrDkimDnsTokenValue1],
      [identity.attrDkimDnsTokenName2, identity.attrDkimDnsTokenValue2],
      [identity.attrDkimDnsTokenName3, identity.attrDkimDnsTokenValue3],
    ] as const;
    for (const [index, [name, value]] of tokens.entries()) {
      // CfnRecordSet, since RecordSet would add the zone to a name that it cannot read yet.
      new CfnRecordSet(this, `IdentityProof${index + 1}`, {
        hostedZoneId: zone.hostedZoneId,
        name,
        type: 'CNAME',
        ttl: '3600',
        resourceRecords: [value],
      });
    }

    const ruleSetName = `${config.name}-inbound`;
    const ruleName = 'reports';
    const prefix = 'reports/';
    const conditions = {
      StringEquals: { 'aws:SourceAccount': this.account },
      ArnEquals: {
        'aws:SourceArn': this.formatArn({
          service: 'ses',
          resource: 'receipt-rule-set',
          resourceName: `${ruleSetName}:receipt-rule/${ruleName}`,
        }),
      },
    };
    const ses = [new ServicePrincipal('ses.amazonaws.com')];
    bucket.addToResourcePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        principals: ses,
        resources: [bucket.arnForObjects(`${prefix}*`)],
        conditions,
      }),
    );
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: ses,
        resources: [topic.topicArn],
        conditions,
      }),
    );
    const ruleSet = new CfnReceiptRuleSet(this, 'RuleSet', { ruleSetName });
    const rule = new CfnReceiptRule(this, 'Rule', {
      ruleSetName: ruleSet.ref,
      rule: {
        name: ruleName,
        enabled: true,
        recipients: [host],
        actions: [
          {
            s3Action: {
              bucketName: bucket.bucketName,
              objectKeyPrefix: prefix,
              topicArn: topic.topicArn,
            },
          },
        ],
      },
    });
    // SES tries both as soon as the rule is there.
    rule.node.addDependency(bucket, topic);
    new CfnOutput(this, 'InboundRuleSet', {
      description:
        'The SES receipt rule set to make active (aws ses set-active-receipt-rule-set --rule-set-name)',
      value: ruleSetName,
    });
  }

  #reader(service: Service, bucket: Bucket): void {
    const reader = new ServiceFunction(this, 'Reader', {
      service,
      declaration: reports,
      environment: { REPORTS_BUCKET: bucket.bucketName },
    });
    reader.allow(
      { actions: ['s3:GetObject'], resources: [bucket.arnForObjects('reports/*')] },
      'Each mail is an object of its own.',
    );
    // Without it S3 answers 403, not 404, for a mail that is no longer there.
    reader.allow({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
  }
}
