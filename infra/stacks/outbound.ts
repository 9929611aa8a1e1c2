/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  EmailSendingEvent,
  EventDestination,
} from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { unwrapConditions } from '../constructs/wrapping-key.ts';
import type { DataStack } from './data.ts';
import type { OnboardingStack } from './onboarding.ts';
import type { RotationStack } from './rotation.ts';

export interface OutboundStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly onboarding: OnboardingStack;
  readonly rotation: RotationStack;
}

/** Mail: submitted by the API, signed, handed to SES, and what SES says became of it. */
export class OutboundStack extends Stack {
  readonly #common: { readonly config: Config; readonly alarms: Alarms };
  readonly #data: DataStack;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, onboarding, rotation, ...props }: OutboundStackProps,
  ) {
    super(scope, id, props);
    this.#common = { config, alarms };
    this.#data = data;
    const signerTimeout = Duration.minutes(1);
    const mail = this.#mailBucket();
    const outboundQueue = new ServiceQueue(this, 'OutboundQueue', {
      ...this.#common,
      name: 'outbound',
      env: Env.outboundQueueUrl,
      consumerTimeout: signerTimeout,
      deadLetters: {
        severity: 'urgent',
        says: 'A mail was neither sent nor refused: the signer failed on it five times.',
      },
    });
    alarms.add(this, 'OutboundDelayed', {
      name: 'outbound-delayed',
      severity: 'urgent',
      article: 'outbound-delayed',
      says: 'Mail has been waiting for 15 minutes to be signed and sent.',
      metric: outboundQueue.queue.metricApproximateAgeOfOldestMessage({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(15).toSeconds(),
    });
    this.#messages(mail, outboundQueue, onboarding);
    this.#signer(mail, outboundQueue, this.#configurationSet(), rotation, signerTimeout);
    this.#reputation();
  }

  #mailBucket(): Bucket {
    const bucket = new Bucket(this, 'Mail', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        {
          id: 'mail-is-kept-30-days',
          expiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Two roles reach it, one to put and one to get, and both functions log each mail.',
    });
    return bucket;
  }

  #messages(mail: Bucket, outboundQueue: ServiceQueue, { api, authorizer }: OnboardingStack): void {
    const { claims, messages } = this.#data.tables;
    const fn = new ServiceFunction(this, 'Messages', {
      ...this.#common,
      name: 'messages',
      description: 'The routes about messages: takes mail in, tells what became of it',
      timeout: Duration.seconds(29),
      memory: 1024,
      monitoring: { severity: 'urgent', errors: 5 },
      environment: {
        [Env.mailBucket]: mail.bucketName,
        [Env.unsignedAllowed]: this.#common.config.outbound.unsignedAllowed.join(','),
      },
    });
    fn.useTable(claims, ['GetItem', 'BatchGetItem']);
    fn.useTable(messages, ['GetItem', 'Query', 'PutItem'], ['recent']);
    fn.sendTo(outboundQueue);
    fn.allow(
      { actions: ['s3:PutObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );

    new Routes(this, 'MessageRoutes', {
      api,
      authorizer,
      target: fn,
    });
  }

  #signer(
    mail: Bucket,
    outboundQueue: ServiceQueue,
    configurationSet: ConfigurationSet,
    rotation: RotationStack,
    timeout: Duration,
  ): void {
    const { config, alarms } = this.#common;
    const { claims, messages, revokedKeys, checks, rotations } = this.#data.tables;
    const signer = new ServiceFunction(this, 'Signer', {
      ...this.#common,
      name: 'signer',
      description: 'Signs a mail with the key of its From domain and hands it to SES',
      timeout,
      memory: 1769,
      wakesItself: true,
      monitoring: { severity: 'urgent' },
      environment: {
        [Env.wrappingKeyArn]: this.#data.wrappingKey.keyArn,
        [Env.mailBucket]: mail.bucketName,
        [Env.configurationSet]: configurationSet.configurationSetName,
        [Env.unsignedAllowed]: config.outbound.unsignedAllowed.join(','),
        [Env.unclearSeconds]: String(config.outbound.unclearSeconds),
        [Env.unclearPolicy]: config.outbound.unclearPolicy,
        [Env.leaseSeconds]: String(timeout.toSeconds()),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    signer.useTable(claims, ['GetItem', 'BatchGetItem']);
    signer.useTable(messages, ['GetItem', 'Query', 'UpdateItem']);
    signer.useTable(revokedKeys, ['BatchGetItem']);
    signer.useTable(checks, ['UpdateItem']);
    signer.useTable(rotations, ['UpdateItem']);
    signer.sendTo(outboundQueue);
    signer.sendTo(rotation.rotationQueue);
    signer.putEvents(this.#data.bus);
    signer.allow(
      { actions: ['s3:GetObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );
    // Without it S3 answers 403, not 404, for a mail that is no longer there.
    signer.allow({ actions: ['s3:ListBucket'], resources: [mail.bucketArn] });
    signer.allow({
      actions: ['kms:Decrypt'],
      resources: [this.#data.wrappingKey.keyArn],
      conditions: unwrapConditions,
    });
    const ses = (resource: string, resourceName: string) =>
      this.formatArn({ service: 'ses', resource, resourceName });
    signer.allow(
      {
        actions: ['ses:SendRawEmail'],
        resources: [
          ses('identity', '*'),
          ses('configuration-set', configurationSet.configurationSetName),
        ],
      },
      'It sends as any domain that a tenant has proven; which, the signer decides mail by mail.',
    );
    signer.consume(outboundQueue, { batchSize: 10, concurrency: config.outbound.concurrency });
    alarms.add(signer, 'Unclear', {
      name: 'unclear-attempts',
      severity: 'routine',
      article: 'unclear-attempts',
      says: 'It is not known whether SES took some mail.',
      metric: alarms.counter('UnclearAttempts', Duration.minutes(15)),
      threshold: 10,
    });
  }

  /** SES tells what became of each mail: configuration set -> topic -> queue -> function. */
  #configurationSet(): ConfigurationSet {
    const { config, alarms } = this.#common;
    const configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: `${config.name}-${config.region}`,
      reputationMetrics: true,
    });
    const timeout = Duration.seconds(30);
    const events = new ServiceQueue(this, 'SesEventsQueue', {
      ...this.#common,
      name: 'ses-events',
      consumerTimeout: timeout,
      deadLetters: {
        severity: 'routine',
        says: 'An event of SES did not reach the status of its message.',
      },
    });
    const topic = new Topic(this, 'SesEvents', {
      topicName: `${config.name}-ses-events`,
      enforceSSL: true,
    });
    const undelivered = new DeadLetterQueue(this, 'SesEventsUndelivered', {
      config,
      alarms,
      name: 'ses-events-undelivered',
      severity: 'routine',
      article: 'ses-events-undelivered',
      says: 'SNS could not put events of SES on their queue.',
    });
    topic.addSubscription(
      new SqsSubscription(events.queue, {
        rawMessageDelivery: true,
        deadLetterQueue: undelivered.queue,
      }),
    );
    new ConfigurationSetEventDestination(this, 'SesEventDestination', {
      configurationSet,
      destination: EventDestination.snsTopic(topic),
      events: [
        EmailSendingEvent.SEND,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.DELIVERY_DELAY,
      ],
    });
    const consumer = new ServiceFunction(this, 'SesEventsFunction', {
      ...this.#common,
      name: 'ses-events',
      description: 'Takes what SES says of a mail to the status of its message',
      timeout,
      monitoring: { severity: 'routine' },
    });
    consumer.useTable(this.#data.tables.messages, ['GetItem', 'UpdateItem']);
    consumer.putEvents(this.#data.bus);
    consumer.consume(events, { batchSize: 10 });
    return configurationSet;
  }

  /** AWS reviews an account at 5% bounces or 0.1% complaints, and may then stop its sending. */
  #reputation(): void {
    const { alarms } = this.#common;
    alarms.add(this, 'BounceRate', {
      name: 'bounce-rate',
      severity: 'urgent',
      article: 'bounce-rate',
      says: "More than 4% of the account's mail bounces; AWS acts at 5%.",
      metric: reputation('Reputation.BounceRate'),
      threshold: 0.04,
    });
    alarms.add(this, 'ComplaintRate', {
      name: 'complaint-rate',
      severity: 'urgent',
      article: 'complaint-rate',
      says: "More than 0.08% of the account's mail is complained about; AWS acts at 0.1%.",
      metric: reputation('Reputation.ComplaintRate'),
      threshold: 0.0008,
    });
  }
}

const reputation = (metricName: string) =>
  new Metric({
    namespace: 'AWS/SES',
    metricName,
    statistic: Stats.AVERAGE,
    period: Duration.hours(1),
  });
