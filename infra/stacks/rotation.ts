/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { generateConditions } from '../constructs/wrapping-key.ts';
import { deploymentJson, keyDisclosure } from '../names.ts';
import type { DataStack } from './data.ts';

export interface RotationStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
}

/**
 * Workers at once: the common pace bounds what they do, so two would keep it up; the others look at
 * the next batches meanwhile, and at emergencies.
 */
const WORKERS = 5;

/** The monthly rotation of DKIM keys: its planner, the workers it queues claims for, and what is left over. */
export class RotationStack extends Stack {
  readonly rotationQueue: ServiceQueue;
  readonly #common: { readonly config: Config; readonly alarms: Alarms };
  readonly #data: DataStack;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, ...props }: RotationStackProps,
  ) {
    super(scope, id, props);
    this.#common = { config, alarms };
    this.#data = data;
    const workerTimeout = Duration.minutes(3);
    this.rotationQueue = new ServiceQueue(this, 'RotationQueue', {
      ...this.#common,
      name: 'rotation',
      env: Env.rotationQueueUrl,
      consumerTimeout: workerTimeout,
      deadLetters: {
        severity: 'urgent',
        says: 'Claims were not rotated, mended or revoked: the worker failed on them five times.',
      },
    });
    this.#worker(workerTimeout);
    this.#planner();
  }

  #planner(): void {
    const { config, alarms } = this.#common;
    const { claims, publications, rotations } = this.#data.tables;
    const failedEvents = new DeadLetterQueue(this, 'PlannerFailures', {
      ...this.#common,
      name: 'rotation-planner-failures',
      severity: 'urgent',
      says: 'The monthly rotation did not start, or its planner failed three times over.',
    }).queue;
    const planner = new ServiceFunction(this, 'Planner', {
      ...this.#common,
      name: 'rotation-planner',
      description: 'Starts the monthly rotation of DKIM keys and takes it from wave to wave',
      timeout: Duration.minutes(2),
      memory: 512,
      monitoring: { severity: 'urgent' },
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.rotationsPerSecond]: String(rotationsPerSecond(config)),
        [Env.rotationWatchMinutes]: String(config.rotation.watchMinutes),
        [Env.rotationOwnDomains]: config.rotation.ownDomains.join(','),
      },
      failedEvents,
    });
    planner.useTable(claims, ['GetItem', 'BatchGetItem']);
    planner.useTable(publications, ['Query']);
    planner.useTable(rotations, ['GetItem', 'Query', 'PutItem']);
    planner.sendTo(this.rotationQueue);
    this.#schedules(planner, failedEvents);
    alarms.add(planner, 'Halted', {
      name: 'rotation-halted',
      severity: 'urgent',
      article: 'rotation-halted',
      says: 'Mail signed with new keys does not verify; the monthly rotation has halted.',
      metric: alarms.counter('RotationHalted', Duration.minutes(1)),
    });
    alarms.add(planner, 'Stalled', {
      name: 'rotation-stalled',
      severity: 'routine',
      article: 'rotation-stalled',
      says: 'Batches of the monthly rotation have not been done for an hour.',
      metric: alarms.counter('RotationStalled', Duration.minutes(5)),
    });
    alarms.add(planner, 'HeldBack', {
      name: 'rotations-held-back',
      severity: 'routine',
      article: 'rotations-held-back',
      says: 'Domains have not been able to rotate for three days or longer.',
      metric: alarms.counter('RotationsHeldBackLong', Duration.hours(1)),
    });
  }

  #schedules(planner: ServiceFunction, failedCalls: IQueue): void {
    const { config } = this.#common;
    const common = { config, name: 'rotation-planner' as const, target: planner, failedCalls };
    new Schedule(this, 'Monthly', {
      ...common,
      task: 'start',
      expression: config.rotation.schedule,
      // A day late is better than a month; the planner does a period once.
      maximumAge: Duration.days(1).toSeconds(),
    });
    new Schedule(this, 'EveryMinute', {
      ...common,
      task: 'continue',
      expression: 'rate(1 minute)',
      // The next one comes in a minute and does the same.
      maximumAge: 60,
    });
    new Schedule(this, 'Daily', {
      ...common,
      task: 'retry',
      expression: 'cron(0 5 * * ? *)',
      maximumAge: Duration.hours(12).toSeconds(),
    });
  }

  #worker(timeout: Duration): void {
    const { config, alarms } = this.#common;
    const { claims, publications, revokedKeys, rotations, disclosures } = this.#data.tables;
    const worker = new ServiceFunction(this, 'Worker', {
      ...this.#common,
      name: 'rotation-worker',
      description: 'Rotates, mends and revokes the keys of claims',
      timeout,
      memory: 512,
      wakesItself: true,
      monitoring: { severity: 'urgent' },
      environment: {
        [Env.rotationsPerSecond]: String(rotationsPerSecond(config)),
        [Env.wrappingKeyArn]: this.#data.wrappingKey.keyArn,
        [Env.keyDisclosure]: keyDisclosure(config),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    worker.useTable(claims, ['BatchGetItem', 'PutItem']);
    worker.useTable(publications, ['BatchGetItem']);
    worker.useTable(disclosures, ['PutItem']);
    worker.useTable(revokedKeys, ['BatchGetItem', 'PutItem']);
    worker.useTable(rotations, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]);
    worker.sendTo(this.rotationQueue);
    worker.putEvents(this.#data.bus);
    worker.allow({
      actions: ['kms:GenerateDataKeyPairWithoutPlaintext'],
      resources: [this.#data.wrappingKey.keyArn],
      conditions: generateConditions,
    });
    worker.consume(this.rotationQueue, { batchSize: 1, concurrency: WORKERS });
    alarms.add(worker, 'Failed', {
      name: 'rotations-failed',
      severity: 'routine',
      article: 'rotations-failed',
      says: 'Faults of ours kept domains from rotating.',
      metric: alarms.counter('RotationsFailed', Duration.hours(1)),
    });
    alarms.add(worker, 'Moved', {
      name: 'signing-moved',
      severity: 'routine',
      article: 'signing-moved',
      says: 'The keys that many domains signed with broke within an hour.',
      metric: alarms.counter('SigningMoved', Duration.hours(1)),
      threshold: 20,
    });
    alarms.add(worker, 'Paused', {
      name: 'signing-paused',
      severity: 'urgent',
      article: 'signing-paused',
      says: 'A domain has no key that may sign, and its mail waits.',
      metric: alarms.counter('SigningPaused', Duration.minutes(5)),
    });
  }
}

/** What the workers make together: a new key is one pair of KMS and one UPSERT, which counts as two changes. */
const rotationsPerSecond = ({ rotation }: Config): number =>
  rotation.share * Math.min(rotation.keyPairsPerSecond, rotation.changesPerSecond / 2);
