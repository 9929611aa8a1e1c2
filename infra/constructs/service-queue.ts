import { Duration, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvName } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms, Article, Severity } from './alarms.ts';

/** How often a message is received before it becomes a dead letter. */
const MAX_RECEIVES = 5;
/** AWS advises six times the function's timeout, so that Lambda's own retries fit in. */
const VISIBILITY_TIMEOUTS = 6;
const RETENTION = Duration.days(14);

export interface DeadLetterQueueProps {
  readonly config: Config;
  readonly alarms: Alarms;
  /** `<deployment>-<name>`, and `.fifo` where it is one. */
  readonly name: string;
  /** Whether it takes messages of a FIFO queue. @default false */
  readonly fifo?: boolean;
  /** What it means that something is in it, as one sentence. */
  readonly says: string;
  readonly severity: Severity;
  /** @default 'dead-letters' */
  readonly article?: Article;
}

/** A queue for what could not be done, with the alarm that says so. */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      ...common(props.config, props.name, props.fifo ?? false),
    });
    const reason = 'This is a dead-letter queue: people empty it, no function does.';
    Validations.of(this.queue).acknowledge(
      { id: 'Serverless-SQSRedrivePolicy', reason },
      { id: 'AwsSolutions-SQS3', reason },
    );
    props.alarms.add(this, 'Alarm', {
      name: props.name,
      severity: props.severity,
      article: props.article ?? 'dead-letters',
      says: props.says,
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
  /** `<deployment>-<name>`, and `.fifo` where it is one. */
  readonly name: string;
  /** The environment variable that holds the queue's URL in the functions that send to it. */
  readonly env?: EnvName;
  /** Ordered within a message group, with the throughput limit per group. @default false */
  readonly fifo?: boolean;
  /** The timeout of the function that consumes it. */
  readonly consumerTimeout: Duration;
  /** What it means that a message has failed for good. */
  readonly deadLetters: Pick<DeadLetterQueueProps, 'says' | 'severity'>;
}

/** A queue that a function consumes, with its dead-letter queue. */
export class ServiceQueue extends Construct {
  readonly queue: Queue;
  readonly env: EnvName | undefined;

  constructor(scope: Construct, id: string, props: ServiceQueueProps) {
    super(scope, id);
    this.env = props.env;
    const fifo = props.fifo ?? false;
    const { queue: deadLetters } = new DeadLetterQueue(this, 'DeadLetters', {
      config: props.config,
      alarms: props.alarms,
      name: `${props.name}-dead-letters`,
      fifo,
      ...props.deadLetters,
    });
    this.queue = new Queue(this, 'Queue', {
      ...common(props.config, props.name, fifo),
      visibilityTimeout: Duration.seconds(props.consumerTimeout.toSeconds() * VISIBILITY_TIMEOUTS),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
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
    retentionPeriod: RETENTION,
  };
}
