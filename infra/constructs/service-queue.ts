/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IEventBus, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Notice, QueueDeclaration } from '#shared/runtime/declaration.ts';
import { queueVariable } from '#shared/runtime/variables.ts';
import type { Config } from '../config.ts';
import { pascal } from '../names.ts';
import type { Alarms } from './alarms.ts';

/** The receives after which a message becomes a dead letter. */
const MAX_RECEIVES = 5;
/** AWS advises six times the function's timeout, so that Lambda's own retries fit in. */
const VISIBILITY_TIMEOUTS = 6;
/** Leaves a dead letter at least ten of its days. */
const RETENTION = Duration.days(4);
/** SQS's longest; a dead letter keeps the age that it had. */
const LONGEST_RETENTION = Duration.days(14);

export interface DeadLetterQueueProps extends Notice {
  readonly config: Config;
  readonly alarms: Alarms;
  /** `<deployment>-<name>`, and `.fifo` where it is one. */
  readonly name: string;
  /** True if it takes messages of a FIFO queue. @default false */
  readonly fifo?: boolean;
}

/** A queue for what could not be done, with an alarm that says so: its own where it is urgent. */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      ...common(props.config, props.name, props.fifo ?? false),
      retentionPeriod: LONGEST_RETENTION,
    });
    const reason = 'This is a dead-letter queue: people empty it, no function does.';
    Validations.of(this.queue).acknowledge(
      { id: 'Serverless-SQSRedrivePolicy', reason },
      { id: 'AwsSolutions-SQS3', reason },
    );
    // What may wait for a working day has one alarm for all, on what `monitor` counts.
    if (props.severity === 'routine') {
      props.alarms.countedHourly.push(`${props.name}${props.fifo === true ? '.fifo' : ''}`);
      return;
    }
    props.alarms.add(this, 'Alarm', {
      name: props.name,
      severity: props.severity,
      says: props.says,
      article: props.article ?? 'dead-letters',
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
    });
  }
}

export interface ServiceQueueProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly bus: IEventBus;
  readonly declaration: QueueDeclaration;
  /** The timeout of the function that consumes it. */
  readonly consumerTimeout: Duration;
}

/** A queue that a function consumes, as declared: its dead letters, its alarms, the events put on it. */
export class ServiceQueue extends Construct {
  readonly queue: Queue;
  /** The environment variable that holds the queue's URL in the functions that send to it. */
  readonly variable: string;
  readonly #props: ServiceQueueProps;

  constructor(scope: Construct, id: string, props: ServiceQueueProps) {
    super(scope, id);
    const { config, alarms, declaration, consumerTimeout } = props;
    const { name, fifo = false, deadLetters, delayed, events } = declaration;
    this.#props = props;
    this.variable = queueVariable(name);
    const { queue: deadLetterQueue } = new DeadLetterQueue(this, 'DeadLetters', {
      config,
      alarms,
      ...deadLetters,
      name: `${name}-dead-letters`,
      fifo,
    });
    this.queue = new Queue(this, 'Queue', {
      ...common(config, name, fifo),
      retentionPeriod: declaration.keepsLongest === true ? LONGEST_RETENTION : RETENTION,
      visibilityTimeout: Duration.seconds(consumerTimeout.toSeconds() * VISIBILITY_TIMEOUTS),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    if (delayed !== undefined) this.#alarmOnDelay(scope, delayed);
    if (events !== undefined) this.#takeEvents(scope, events);
  }

  #alarmOnDelay(
    scope: Construct,
    { measure, minutes, ...notice }: NonNullable<QueueDeclaration['delayed']>,
  ): void {
    const { alarms, declaration } = this.#props;
    const period = Duration.minutes(1);
    const threshold = Duration.minutes(minutes).toSeconds();
    const name = `${declaration.name}-delayed`;
    const oldest = this.queue.metricApproximateAgeOfOldestMessage({
      statistic: Stats.MAXIMUM,
      period,
    });
    alarms.add(scope, `${pascal(declaration.name)}Delayed`, {
      ...notice,
      name,
      metric: measure === undefined ? oldest : alarms.longest(measure, period),
      threshold,
    });
    if (measure === undefined) return;
    // What nobody receives is not measured either.
    alarms.add(scope, `${pascal(declaration.name)}Unread`, {
      ...notice,
      name: `${declaration.name}-unread`,
      article: notice.article ?? name,
      says: `Nobody has taken the oldest message of the queue ${declaration.name} for ${minutes} minutes.`,
      metric: oldest,
      threshold,
    });
  }

  /**
   * Lets a topic put its messages on the queue, raw.
   *
   * @param undeliveredId construct id of the queue for those that it could not put
   */
  subscribe(topic: ITopic, undeliveredId: string): void {
    const deadLetterQueue = this.#undelivered(Stack.of(this), undeliveredId);
    topic.addSubscription(
      new SqsSubscription(this.queue, { rawMessageDelivery: true, deadLetterQueue }),
    );
  }

  /**
   * Lets a topic invoke the function that consumes the queue, which then has the calls that failed.
   *
   * @param undeliveredId construct id of the queue for those that SNS could not make
   */
  subscribeConsumer(topic: ITopic, consumer: IFunction, undeliveredId: string): void {
    const deadLetterQueue = this.#undelivered(Stack.of(this), undeliveredId);
    topic.addSubscription(new LambdaSubscription(consumer, { deadLetterQueue }));
    // Until release 0.2 the topic put its messages on the queue; an update takes that subscription
    // away at its end, and refuses nothing meanwhile.
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
      }),
    );
  }

  #takeEvents(scope: Construct, events: NonNullable<QueueDeclaration['events']>): void {
    const { bus, declaration } = this.#props;
    const deadLetterQueue = this.#undelivered(scope, `${pascal(declaration.name)}Undelivered`);
    new Rule(scope, events.rule, {
      eventBus: bus,
      description: events.description,
      eventPattern: {
        source: ['sender-domains'],
        ...(events.exceptTypes === undefined
          ? {}
          : { detailType: Match.anythingButPrefix(events.exceptTypes) }),
      },
      targets: [new SqsQueue(this.queue, { deadLetterQueue })],
    });
  }

  #undelivered(scope: Construct, id: string): Queue {
    const { config, alarms, declaration } = this.#props;
    const { name, undelivered } = declaration;
    if (undelivered === undefined) throw new Error(`${name} declares no undelivered messages`);
    return new DeadLetterQueue(scope, id, {
      config,
      alarms,
      ...undelivered,
      name: `${name}-undelivered`,
    }).queue;
  }
}

function common(config: Config, name: string, fifo: boolean): QueueProps {
  return {
    queueName: `${config.name}-${name}${fifo ? '.fifo' : ''}`,
    // High throughput: the limit and the deduplication are the message group's, not the queue's.
    ...(fifo
      ? {
          fifo: true,
          contentBasedDeduplication: false,
          deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
          fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        }
      : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  };
}
