/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { deploymentJson } from '../names.ts';
import type { DataStack } from './data.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface EventsStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly onboarding: OnboardingStack;
}

/** What happens to domains told on the bus, and all that is told there to tenants' own endpoints. */
export class EventsStack extends Stack {
  readonly #common: { readonly config: Config; readonly alarms: Alarms };

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, onboarding, ...props }: EventsStackProps,
  ) {
    super(scope, id, props);
    this.#common = { config, alarms };
    this.#announcer(data);
    this.#webhooks(data);
    this.#history(data);
    this.#settings(data, onboarding);
  }

  #announcer({ tables, bus }: DataStack): void {
    const { alarms } = this.#common;
    const failures = new DeadLetterQueue(this, 'AnnouncerFailures', {
      ...this.#common,
      name: 'announcer-failures',
      severity: 'routine',
      says: 'Changes of some domains were not told as events.',
    });
    const announcer = new ServiceFunction(this, 'Announcer', {
      ...this.#common,
      name: 'announcer',
      description: 'Tells changes of domains as events',
      monitoring: { severity: 'routine' },
    });
    announcer.putEvents(bus);
    announcer.readStream(tables.claims, { failures, batchSize: 100 });
    alarms.add(announcer, 'Behind', {
      name: 'announcer-behind',
      severity: 'routine',
      article: 'announcer-behind',
      says: 'Events are told 10 minutes late.',
      metric: announcer.function.metric('IteratorAge', {
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(10).toMilliseconds(),
    });
  }

  #webhooks({ tables, bus }: DataStack): void {
    const { config } = this.#common;
    const timeout = Duration.minutes(1);
    const queue = new ServiceQueue(this, 'WebhookQueue', {
      ...this.#common,
      name: 'webhook',
      env: Env.webhookQueueUrl,
      consumerTimeout: timeout,
      deadLetters: {
        severity: 'routine',
        says: 'An event could not be handed to the endpoints of its tenant.',
      },
    });
    const undelivered = new DeadLetterQueue(this, 'WebhookUndelivered', {
      ...this.#common,
      name: 'webhook-undelivered',
      severity: 'routine',
      says: 'EventBridge could not put events on the queue of the webhooks.',
    });
    new Rule(this, 'ToWebhooks', {
      eventBus: bus,
      description: 'Every event, for the endpoints of its tenant',
      eventPattern: { source: ['sender-domains'] },
      targets: [new SqsQueue(queue.queue, { deadLetterQueue: undelivered.queue })],
    });
    const webhooks = new ServiceFunction(this, 'Webhooks', {
      ...this.#common,
      name: 'webhooks',
      description: 'Delivers events to the endpoints of tenants',
      timeout,
      wakesItself: true,
      monitoring: { severity: 'routine' },
      environment: {
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    webhooks.useTable(tables.webhooks, ['GetItem', 'Query', 'PutItem']);
    webhooks.sendTo(queue);
    webhooks.consume(queue, { batchSize: 10, concurrency: 20 });
  }

  /** What happened to domains is noted for their tenants to read. */
  #history({ tables, bus }: DataStack): void {
    const timeout = Duration.seconds(30);
    const queue = new ServiceQueue(this, 'HistoryQueue', {
      ...this.#common,
      name: 'history',
      consumerTimeout: timeout,
      deadLetters: {
        severity: 'routine',
        says: 'An event is missing in the history of its domain.',
      },
    });
    const undelivered = new DeadLetterQueue(this, 'HistoryUndelivered', {
      ...this.#common,
      name: 'history-undelivered',
      severity: 'routine',
      says: 'EventBridge could not put events on the queue of the history.',
    });
    new Rule(this, 'ToHistory', {
      eventBus: bus,
      description: 'Events about domains, for their histories',
      eventPattern: {
        source: ['sender-domains'],
        detailType: Match.anythingButPrefix('message.'),
      },
      targets: [new SqsQueue(queue.queue, { deadLetterQueue: undelivered.queue })],
    });
    const historian = new ServiceFunction(this, 'Historian', {
      ...this.#common,
      name: 'historian',
      description: 'Notes events in the histories of their domains',
      timeout,
      monitoring: { severity: 'routine' },
    });
    historian.useTable(tables.events, ['PutItem']);
    historian.consume(queue, { batchSize: 10 });
  }

  #settings({ tables }: DataStack, { api, authorizer }: OnboardingStack): void {
    const settings = new ServiceFunction(this, 'WebhookSettings', {
      ...this.#common,
      name: 'webhook-settings',
      description: 'The routes about webhooks',
      timeout: Duration.seconds(29),
      memory: 512,
      monitoring: { severity: 'routine', errors: 5 },
      environment: { [Env.deployment]: deploymentJson(this.#common.config) },
    });
    settings.useTable(tables.webhooks, ['GetItem', 'Query', 'PutItem', 'DeleteItem']);
    new Routes(this, 'WebhookRoutes', {
      api,
      authorizer,
      target: settings,
    });
  }
}
