/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { deploymentJson } from '../names.ts';
import type { DataStack } from './data.ts';
import type { VerificationStack } from './verification.ts';

export interface PublishingStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly verification: VerificationStack;
}

/** From a claim that changed to its records in Route 53: relay, publisher, INSYNC poll, reconciler. */
export class PublishingStack extends Stack {
  readonly #common: { readonly config: Config; readonly alarms: Alarms };
  readonly #data: DataStack;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, verification, ...props }: PublishingStackProps,
  ) {
    super(scope, id, props);
    this.#common = { config, alarms };
    this.#data = data;

    const publisherTimeout = Duration.minutes(1);
    const publishQueue = new ServiceQueue(this, 'PublishQueue', {
      ...this.#common,
      name: 'publish',
      env: Env.publishQueueUrl,
      fifo: true,
      consumerTimeout: publisherTimeout,
      deadLetters: {
        severity: 'urgent',
        says: 'Records of some claims were not published, and the shard may be held up behind them.',
      },
    });
    alarms.add(this, 'PublishDelayed', {
      name: 'publish-delayed',
      severity: 'urgent',
      article: 'publish-delayed',
      says: 'Records have been waiting for 10 minutes to be published.',
      metric: publishQueue.queue.metricApproximateAgeOfOldestMessage({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(10).toSeconds(),
    });
    const insyncTimeout = Duration.seconds(30);
    const insyncQueue = new ServiceQueue(this, 'InsyncQueue', {
      ...this.#common,
      name: 'insync',
      env: Env.insyncQueueUrl,
      consumerTimeout: insyncTimeout,
      deadLetters: {
        severity: 'routine',
        says: 'It is not known whether a Route 53 change reached all name servers.',
      },
    });

    this.#relay(publishQueue, verification);
    this.#publisher(publishQueue, insyncQueue, publisherTimeout);
    this.#insync(insyncQueue, insyncTimeout);
    this.#reconciler(publishQueue);
  }

  #relay(publishQueue: ServiceQueue, { identityQueue, checkQueue }: VerificationStack): void {
    const { alarms } = this.#common;
    const failures = new DeadLetterQueue(this, 'RelayFailures', {
      ...this.#common,
      name: 'relay-failures',
      severity: 'routine',
      says: 'Changes of some claims were not relayed; the reconciler repairs it within a day.',
    });
    const relay = new ServiceFunction(this, 'Relay', {
      ...this.#common,
      name: 'relay',
      description: 'Turns changes of claims into nudges for publishing, identities and checks',
      monitoring: { severity: 'urgent' },
    });
    relay.sendTo(publishQueue);
    relay.sendTo(identityQueue);
    relay.sendTo(checkQueue);
    relay.readStream(this.#data.tables.claims, { failures, batchSize: 100 });
    alarms.add(relay, 'Behind', {
      name: 'relay-behind',
      severity: 'urgent',
      article: 'relay-behind',
      says: 'The relay is 10 minutes behind the changes of claims.',
      metric: relay.function.metric('IteratorAge', {
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(10).toMilliseconds(),
    });
  }

  #publisher(publishQueue: ServiceQueue, insyncQueue: ServiceQueue, timeout: Duration): void {
    const { config, alarms } = this.#common;
    const { claims, publications, revokedKeys } = this.#data.tables;
    const publisher = new ServiceFunction(this, 'Publisher', {
      ...this.#common,
      name: 'publisher',
      description: 'Submits desired minus published records of a shard to Route 53',
      timeout,
      wakesItself: true,
      memory: 512,
      monitoring: { severity: 'urgent' },
      environment: { [Env.deployment]: deploymentJson(config) },
    });
    publisher.useTable(claims, ['BatchGetItem']);
    publisher.useTable(publications, ['BatchGetItem', 'PutItem']);
    publisher.useTable(revokedKeys, ['BatchGetItem']);
    publisher.sendTo(insyncQueue);
    publisher.sendTo(publishQueue);
    publisher.allow(listZones, 'Route 53 has no resource-level permissions for this call.');
    publisher.allow(
      { actions: ['route53:ListResourceRecordSets'], resources: [hostedZones(this)] },
      'The ids of 200 zones do not fit into a policy; what is listed is public in DNS.',
    );
    publisher.allow(
      {
        actions: ['route53:ChangeResourceRecordSets'],
        resources: [hostedZones(this)],
        conditions: onlyHostedRecords(config),
      },
      'The ids of 200 zones do not fit into a policy; the conditions leave only TXT records below a shard.',
    );
    publisher.consume(publishQueue, { batchSize: 10, concurrency: 5 });
    alarms.add(publisher, 'Parked', {
      name: 'publications-parked',
      severity: 'urgent',
      article: 'publications-parked',
      says: 'Route 53 refused the records of a claim; they are parked.',
      metric: alarms.counter('PublicationsParked', Duration.minutes(1)),
    });
  }

  #insync(insyncQueue: ServiceQueue, timeout: Duration): void {
    const insync = new ServiceFunction(this, 'Insync', {
      ...this.#common,
      name: 'insync',
      description: 'Polls Route 53 changes until all name servers have them',
      timeout,
      wakesItself: true,
      monitoring: { severity: 'routine' },
    });
    insync.useTable(this.#data.tables.publications, ['BatchGetItem', 'PutItem']);
    insync.useTable(this.#data.tables.claims, ['BatchGetItem']);
    insync.sendTo(insyncQueue);
    insync.putEvents(this.#data.bus);
    insync.allow(
      {
        actions: ['route53:GetChange'],
        resources: [
          this.formatArn({
            service: 'route53',
            region: '',
            account: '',
            resource: 'change',
            resourceName: '*',
          }),
        ],
      },
      'The id of a change is known only once it is made.',
    );
    insync.consume(insyncQueue, { batchSize: 10, concurrency: 2 });
  }

  #reconciler(publishQueue: ServiceQueue): void {
    const { config, alarms } = this.#common;
    const { claims, publications, revokedKeys } = this.#data.tables;
    const failedEvents = new DeadLetterQueue(this, 'ReconcilerFailures', {
      ...this.#common,
      name: 'reconciler-failures',
      severity: 'routine',
      says: 'The daily comparison of Route 53 with the claims did not finish.',
    }).queue;
    const reconciler = new ServiceFunction(this, 'Reconciler', {
      ...this.#common,
      name: 'reconciler',
      description: 'Compares the zones with the claims, reports drift and nudges the publisher',
      timeout: Duration.minutes(15),
      memory: 1024,
      monitoring: { severity: 'routine' },
      environment: { [Env.deployment]: deploymentJson(config) },
      failedEvents,
    });
    reconciler.useTable(claims, ['BatchGetItem', 'Scan']);
    reconciler.useTable(publications, ['BatchGetItem', 'Query', 'PutItem']);
    reconciler.useTable(revokedKeys, ['BatchGetItem']);
    reconciler.sendTo(publishQueue);
    reconciler.allow(listZones, 'Route 53 has no resource-level permissions for this call.');
    reconciler.allow(
      { actions: ['route53:ListResourceRecordSets'], resources: [hostedZones(this)] },
      'The ids of 200 zones do not fit into a policy; what is listed is public in DNS.',
    );
    new Schedule(this, 'Daily', {
      config,
      name: 'reconciler',
      target: reconciler,
      expression: 'cron(30 1 * * ? *)',
      failedCalls: failedEvents,
    });
    alarms.add(reconciler, 'Drift', {
      name: 'zone-drift',
      severity: 'urgent',
      article: 'zone-drift',
      says: 'Route 53 holds other records than the claims say.',
      metric: alarms.counter('ZoneDrift', Duration.minutes(5)),
    });
    alarms.add(reconciler, 'Unreached', {
      name: 'reconcile-unreached',
      severity: 'routine',
      article: 'reconcile-unreached',
      says: 'The daily comparison did not get through all zones.',
      metric: alarms.counter('ReconcileUnreached', Duration.minutes(5)),
    });
    alarms.add(reconciler, 'Stale', {
      name: 'publications-stale',
      severity: 'routine',
      article: 'publications-stale',
      says: 'Claims changed a while ago and are still not published.',
      metric: alarms.counter('PublicationsStale', Duration.minutes(5)),
    });
  }
}

const listZones = { actions: ['route53:ListHostedZonesByName'], resources: ['*'] };

const hostedZones = (stack: Stack): string =>
  stack.formatArn({
    service: 'route53',
    region: '',
    account: '',
    resource: 'hostedzone',
    resourceName: '*',
  });

/**
 * Only TXT records below a shard: whatever other zones the account has, this policy opens none of
 * them. `?` stands for one digit of the shard's number, since a policy has no room for 200 names.
 */
function onlyHostedRecords({ zone, shards }: Config): Record<string, Record<string, unknown>> {
  const digits = Array.from({ length: String(shards).length }, (_, index) => '?'.repeat(index + 1));
  const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
  const types = 'route53:ChangeResourceRecordSetsRecordTypes';
  return {
    'ForAllValues:StringLike': { [names]: digits.map((number) => `*.s${number}.${zone}`) },
    'ForAllValues:StringEquals': { [types]: ['TXT'] },
    // ForAllValues is true of nothing: a request without the keys must not pass.
    Null: { [names]: 'false', [types]: 'false' },
  };
}
