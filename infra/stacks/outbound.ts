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
import type { Construct } from 'constructs';
import disclosure from '../../lambdas/disclosure/function.ts';
import canary from '../../lambdas/canary/function.ts';
import handOver from '../../lambdas/hand-over/function.ts';
import messages from '../../lambdas/messages/function.ts';
import notices from '../../lambdas/notices/function.ts';
import outbox from '../../lambdas/outbox/function.ts';
import sesEvents from '../../lambdas/ses-events/function.ts';
import signer from '../../lambdas/signer/function.ts';
import suppressions from '../../lambdas/suppressions/function.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { GuardedChanges } from '../constructs/guarded-changes.ts';
import { readRevocations } from '../constructs/revocation-bucket.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { DashboardStack } from './dashboard.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface OutboundStackProps extends StackProps {
  readonly service: Service;
  readonly onboarding: OnboardingStack;
  readonly dashboard: DashboardStack;
}

/** Mail: submitted by the API, signed, handed to SES, and what SES says became of it. */
export class OutboundStack extends Stack {
  /** The bucket of submitted mail. */
  readonly mail: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { service, onboarding, dashboard, ...props }: OutboundStackProps,
  ) {
    super(scope, id, props);
    this.mail = this.#mailBucket();
    const configurationSet = this.#configurationSet(service);
    this.#signer(service, this.mail, configurationSet);
    new GuardedChanges(this, 'Guarded', service, [
      signer.name,
      ...(service.config.rotation.disclosure ? [disclosure.name] : []),
    ]);
    this.#messages(service, this.mail, onboarding);
    new ServiceFunction(this, 'Outbox', { service, declaration: outbox });
    this.#handOver(service, this.mail);
    if (service.config.canary !== undefined) this.#canary(service, this.mail, onboarding);
    this.#notices(service, this.mail, dashboard);
    this.#suppressions(service, onboarding);
    this.#reputation(service.alarms);
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
        {
          id: 'uploads-are-kept-a-day',
          prefix: 'uploads/',
          expiration: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Roles that put mail and the one that gets it reach it, and all log each mail.',
    });
    return bucket;
  }

  #suppressions(service: Service, { api, authorizer }: OnboardingStack): void {
    const target = new ServiceFunction(this, 'Suppressions', {
      service,
      declaration: suppressions,
    });
    new Routes(this, 'SuppressionRoutes', { api, authorizer, target });
  }

  #messages(service: Service, mail: Bucket, { api, authorizer }: OnboardingStack): void {
    const fn = new ServiceFunction(this, 'Messages', {
      service,
      declaration: messages,
      keptConcurrency: service.config.concurrency.messages,
      environment: { MAIL_BUCKET: mail.bucketName },
    });
    fn.allow(
      { actions: ['s3:PutObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );
    // It signs the URLs by which customers put their uploads, so that these have its rights.
    fn.allow(
      {
        actions: ['s3:PutObject', 's3:GetObject'],
        resources: [mail.arnForObjects('uploads/*')],
      },
      'Each upload is an object of its own.',
    );
    // Without it S3 answers 403, not 404, for an upload that is not there.
    fn.allow({ actions: ['s3:ListBucket'], resources: [mail.bucketArn] });

    fn.allow({ actions: ['ses:GetAccount'], resources: ['*'] }, 'It is about no resource.');

    new Routes(this, 'MessageRoutes', {
      api,
      authorizer,
      target: fn,
    });
  }

  /** Its mails are submitted as those of the API are. */
  #notices(service: Service, mail: Bucket, dashboard: DashboardStack): void {
    new ServiceFunction(this, 'Notices', {
      service,
      declaration: notices,
      environment: { MAIL_BUCKET: mail.bucketName, DASHBOARD_URL: dashboard.url },
    }).allow(
      { actions: ['s3:PutObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );
  }

  /** Its mails are submitted as those of the API are. */
  #handOver(service: Service, mail: Bucket): void {
    new ServiceFunction(this, 'HandOver', {
      service,
      declaration: handOver,
      environment: { MAIL_BUCKET: mail.bucketName },
    }).allow(
      { actions: ['s3:PutObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );
  }

  #canary(service: Service, mail: Bucket, { api }: OnboardingStack): void {
    new ServiceFunction(this, 'Canary', {
      service,
      declaration: canary,
      environment: { MAIL_BUCKET: mail.bucketName, API_URL: api.apiEndpoint },
    }).allow(
      { actions: ['s3:PutObject'], resources: [mail.arnForObjects('mail/*')] },
      'Each mail is an object of its own.',
    );
  }

  #signer(service: Service, mail: Bucket, configurationSet: ConfigurationSet): void {
    const fn = new ServiceFunction(this, 'Signer', {
      service,
      declaration: signer,
      concurrency: service.config.outbound.concurrency,
      environment: {
        MAIL_BUCKET: mail.bucketName,
        REVOCATIONS_BUCKET: service.revocations.bucketName,
        CONFIGURATION_SET: configurationSet.configurationSetName,
        LEASE_SECONDS: String(signer.timeout),
      },
    });
    readRevocations(fn, service.revocations);
    fn.allow({ actions: ['ses:GetAccount'], resources: ['*'] }, 'It is about no resource.');
    fn.allow(
      // It puts mail that waits, which its message carried until then.
      {
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [mail.arnForObjects('mail/*')],
      },
      'Each mail is an object of its own.',
    );
    // Without it S3 answers 403, not 404, for a mail that is no longer there.
    fn.allow({ actions: ['s3:ListBucket'], resources: [mail.bucketArn] });
    const ses = (resource: string, resourceName: string) =>
      this.formatArn({ service: 'ses', resource, resourceName });
    fn.allow(
      {
        actions: ['ses:SendEmail', 'ses:SendRawEmail'],
        resources: [
          ses('identity', '*'),
          ses('configuration-set', configurationSet.configurationSetName),
        ],
      },
      'It sends as any domain that a tenant has proven; which, the signer decides mail by mail.',
    );
  }

  /**
   * SES reports the outcome of each mail: configuration set -> topic -> function, by way of the queue
   * where that fails.
   */
  #configurationSet(service: Service): ConfigurationSet {
    const { config, queues } = service;
    const fn = new ServiceFunction(this, 'SesEventsFunction', { service, declaration: sesEvents });
    const configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: `${config.name}-${config.region}`,
      reputationMetrics: true,
    });
    const topic = new Topic(this, 'SesEvents', {
      topicName: `${config.name}-ses-events`,
      enforceSSL: true,
    });
    const failed = queues.get(sesEvents.wokenBy.queue.name);
    failed.subscribeConsumer(topic, fn.function, 'SesEventsUndelivered');
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
    return configurationSet;
  }

  /** AWS reviews an account at 5% bounces or 0.1% complaints, and may then stop its sending. */
  #reputation(alarms: Alarms): void {
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
