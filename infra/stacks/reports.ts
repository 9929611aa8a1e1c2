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
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { deploymentJson, reportsHost } from '../names.ts';
import type { DataStack } from './data.ts';
import type { DnsStack } from './dns.ts';
import type { RotationStack } from './rotation.ts';

export interface ReportsStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly dns: DnsStack;
  readonly rotation: RotationStack;
}

/** DMARC reports: received by SES, read, summed, and what follows from them for each domain's policy. */
export class ReportsStack extends Stack {
  readonly #common: { readonly config: Config; readonly alarms: Alarms };
  readonly #data: DataStack;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, dns, rotation, ...props }: ReportsStackProps,
  ) {
    super(scope, id, props);
    this.#common = { config, alarms };
    this.#data = data;
    const timeout = Duration.minutes(2);
    const queue = new ServiceQueue(this, 'ReportsQueue', {
      ...this.#common,
      name: 'reports',
      consumerTimeout: timeout,
      deadLetters: {
        severity: 'routine',
        says: 'A DMARC report could not be taken: its function failed on it five times.',
      },
    });
    const bucket = this.#bucket();
    this.#inbound(bucket, this.#topic(queue), dns.zone);
    this.#reader(queue, bucket, timeout, rotation);
    this.#rollOut();
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

  /** SES tells of each mail it stored: topic -> queue -> function. */
  #topic(queue: ServiceQueue): Topic {
    const { config, alarms } = this.#common;
    const topic = new Topic(this, 'Received', {
      topicName: `${config.name}-reports-received`,
      enforceSSL: true,
    });
    const undelivered = new DeadLetterQueue(this, 'ReceivedUndelivered', {
      config,
      alarms,
      name: 'reports-undelivered',
      severity: 'routine',
      says: 'SNS could not put the notice of a received DMARC report on its queue.',
    });
    topic.addSubscription(
      new SqsSubscription(queue.queue, {
        rawMessageDelivery: true,
        deadLetterQueue: undelivered.queue,
      }),
    );
    return topic;
  }

  /** Mail to the reports host: its MX, the identity that SES wants of it, and what SES does with mail. */
  #inbound(bucket: Bucket, topic: Topic, zone: IHostedZone): void {
    const { config } = this.#common;
    const host = reportsHost(config);
    new MxRecord(this, 'Mx', {
      zone,
      recordName: `${host}.`,
      values: [{ priority: 10, hostName: `inbound-smtp.${this.region}.amazonaws.com` }],
      ttl: Duration.hours(1),
    });
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

  #reader(
    queue: ServiceQueue,
    bucket: Bucket,
    timeout: Duration,
    { rotationQueue }: RotationStack,
  ): void {
    const { config, alarms } = this.#common;
    const { claims, reports } = this.#data.tables;
    const reader = new ServiceFunction(this, 'Reader', {
      ...this.#common,
      name: 'reports',
      description: 'Reads DMARC reports and adds them to the sums of the domain they are about',
      timeout,
      memory: 1024,
      monitoring: { severity: 'routine' },
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.reportsBucket]: bucket.bucketName,
        [Env.reporters]: config.reports.reporters.join(','),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    reader.useTable(claims, ['BatchGetItem']);
    reader.useTable(reports, ['GetItem', 'Query', 'PutItem']);
    reader.sendTo(rotationQueue);
    reader.allow(
      { actions: ['s3:GetObject'], resources: [bucket.arnForObjects('reports/*')] },
      'Each mail is an object of its own.',
    );
    // Without it S3 answers 403, not 404, for a mail that is no longer there.
    reader.allow({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
    // Anybody can send mail there: what it may take of the account is bounded.
    reader.consume(queue, { batchSize: 5, concurrency: 10 });
    alarms.add(reader, 'Unreadable', {
      name: 'reports-unreadable',
      severity: 'routine',
      article: 'reports-unreadable',
      says: 'Reports that a configured reporter is proven to have sent could not be read.',
      metric: alarms.counter('ReportsUnreadable', Duration.hours(1)),
      threshold: 10,
    });
    alarms.add(reader, 'KeysFailing', {
      name: 'new-keys-failing',
      severity: 'urgent',
      article: 'new-keys-failing',
      says: 'Receivers report that mail signed with newly promoted keys fails.',
      metric: alarms.counter('NewKeyFailing', Duration.minutes(5)),
    });
  }

  /** What moves each domain's DMARC policy, once a day. */
  #rollOut(): void {
    const { config, alarms } = this.#common;
    const { claims, reports } = this.#data.tables;
    const timeout = Duration.minutes(1);
    const queue = new ServiceQueue(this, 'RollOutQueue', {
      ...this.#common,
      name: 'roll-out',
      env: Env.rollOutQueueUrl,
      consumerTimeout: timeout,
      deadLetters: {
        severity: 'routine',
        says: 'The DMARC plan of a domain was not looked at today.',
      },
    });
    const evaluator = new ServiceFunction(this, 'RollOut', {
      ...this.#common,
      name: 'roll-out',
      description: "Takes the steps of a domain's DMARC plan that its reports allow",
      timeout,
      memory: 512,
      monitoring: { severity: 'routine' },
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.rollOut]: JSON.stringify(config.reports.rollOut),
      },
    });
    evaluator.useTable(claims, ['GetItem', 'PutItem']);
    evaluator.useTable(reports, ['Query']);
    evaluator.consume(queue, { batchSize: 10, concurrency: 10 });
    alarms.add(evaluator, 'SteppedBack', {
      name: 'policies-stepped-back',
      severity: 'routine',
      article: 'policies-stepped-back',
      says: 'Many DMARC policies went back a step within a day, which points at our mail rather than at the customers’.',
      metric: alarms.counter('PolicySteppedBack', Duration.days(1)),
      threshold: 10,
    });

    const failedEvents = new DeadLetterQueue(this, 'PlannerFailures', {
      ...this.#common,
      name: 'roll-out-planner-failures',
      severity: 'routine',
      says: 'The DMARC plans were not looked at today, or their planner failed three times over.',
    }).queue;
    const planner = new ServiceFunction(this, 'RollOutPlanner', {
      ...this.#common,
      name: 'roll-out-planner',
      description: 'Queues the domains with a DMARC plan, every day',
      timeout: Duration.minutes(15),
      memory: 512,
      monitoring: { severity: 'routine' },
      failedEvents,
    });
    planner.useTable(claims, ['Scan']);
    planner.sendTo(queue);
    new Schedule(this, 'Daily', {
      config,
      name: 'roll-out-planner',
      target: planner,
      // Most reports of a day have come by noon of the next, UTC.
      expression: 'cron(0 12 * * ? *)',
      maximumAge: Duration.hours(12).toSeconds(),
      failedCalls: failedEvents,
    });
  }
}
