import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  StartingPosition,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Env, type EnvName } from '#shared/runtime/env.ts';
import type { FunctionName } from '#shared/runtime/functions.ts';
import type { Config } from '../config.ts';
import { functionName, roleName } from '../names.ts';
import { type Alarms, METRIC_NAMESPACE, type Severity } from './alarms.ts';
import { bundleDirectory } from './bundle.ts';
import type { DeadLetterQueue, ServiceQueue } from './service-queue.ts';
import type { ServiceTable, TableAction } from './service-table.ts';

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/** How the function's failing and throttling are noticed; leaving it out takes a reason. */
export type Monitoring =
  | {
      readonly severity: Severity;
      /** Errors in five minutes that raise the alarm. @default 1 */
      readonly errors?: number;
    }
  | { readonly noMonitoring: string };

export interface ServiceFunctionProps {
  readonly config: Config;
  readonly alarms: Alarms;
  /** The folder in lambdas/ with `handler.ts`. */
  readonly name: FunctionName;
  /** What it does, in one sentence; shown in the console. */
  readonly description: string;
  readonly monitoring: Monitoring;
  /** Longest run; a queue's visibility is six times as long. @default 30 seconds */
  readonly timeout?: Duration;
  /** Megabytes, and with them CPU: 1,769 are one vCPU. @default 256 */
  readonly memory?: number;
  /** Variables beside those that `useTable` and `sendTo` set. @default none */
  readonly environment?: Partial<Record<EnvName, string>>;
  /**
   * Whether what it sends comes back to it, as a message that waits does. Lambda's loop detection
   * would stop such a function after some 16 rounds and drop the message (docs/decisions/0004).
   * @default false
   */
  readonly wakesItself?: boolean;
  /** Takes events that failed three times; only for a function that is invoked asynchronously. @default none */
  readonly failedEvents?: IQueue;
}

/**
 * The one construct that makes functions: Node 24 on arm64, bundled from `lambdas/<name>`, with a
 * log group of its own and a role whose only rights are to write there, until the `use...` methods
 * give more.
 */
export class ServiceFunction extends Construct {
  readonly name: FunctionName;
  readonly function: LambdaFunction;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { config, name } = props;
    this.name = name;
    this.timeout = props.timeout ?? Duration.seconds(30);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName(config, name)}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      roleName: roleName(config, name),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(config, name),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: this.#code(name),
      timeout: this.timeout,
      memorySize: props.memory ?? 256,
      role,
      logGroup,
      tracing: Tracing.DISABLED,
      ...(props.wakesItself ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      environment: {
        POWERTOOLS_SERVICE_NAME: config.name,
        POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
        ...props.environment,
      },
      ...(props.failedEvents === undefined ? {} : { deadLetterQueue: props.failedEvents }),
    });
    Validations.of(this).acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        'Without a tracer in the code X-Ray shows one segment a call, which the logs show too (docs/decisions/0003).',
    });
    if (props.failedEvents === undefined) {
      Validations.of(this).acknowledge({
        id: 'Serverless-LambdaDLQ',
        reason:
          'Only invoked synchronously: by API Gateway, which returns the error, or from a queue or stream that has its own dead letters.',
      });
    }
    this.#monitor(props);
  }

  #code(name: FunctionName): Code {
    return Stack.of(this).bundlingRequired
      ? Code.fromAsset(bundleDirectory(name))
      : Code.fromInline(`throw new Error('synthesized without its bundle');`);
  }

  #monitor({ alarms, name, monitoring }: ServiceFunctionProps): void {
    if ('noMonitoring' in monitoring) return;
    const period = Duration.minutes(5);
    alarms.add(this, 'Errors', {
      name: `${name}-errors`,
      severity: monitoring.severity,
      article: 'function-errors',
      says: `The function ${name} fails.`,
      metric: this.function.metricErrors({ statistic: Stats.SUM, period }),
      threshold: monitoring.errors ?? 1,
    });
    alarms.add(this, 'Throttled', {
      name: `${name}-throttled`,
      severity: monitoring.severity,
      article: 'function-throttled',
      says: `Lambda throttles the function ${name}.`,
      metric: this.function.metricThrottles({ statistic: Stats.SUM, period }),
      periods: 3,
    });
  }

  /**
   * Allows exactly these actions on exactly these resources.
   *
   * @param wildcard why a resource must be a pattern; cdk-nag refuses one without a reason
   */
  allow({ actions, resources, conditions }: Permission, wildcard?: string): void {
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
    );
    if (wildcard === undefined) return;
    for (const resource of resources) {
      const finding = flatten(Stack.of(this).resolve(resource));
      if (!finding.includes('*')) continue;
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${finding}]`,
        reason: wildcard,
      });
    }
  }

  /**
   * Gives a table: its name in the environment and these actions on it.
   *
   * @param indexes names of the indexes that it queries too
   */
  useTable(
    { table, env }: ServiceTable,
    actions: readonly TableAction[],
    indexes: readonly string[] = [],
  ): void {
    this.function.addEnvironment(env, table.tableName);
    this.allow({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [table.tableArn],
    });
    if (indexes.length > 0) {
      this.allow({
        actions: ['dynamodb:Query'],
        resources: indexes.map((index) => `${table.tableArn}/index/${index}`),
      });
    }
  }

  /** Gives a queue to send to: its URL in the environment and the right to send. */
  sendTo({ queue, env }: ServiceQueue): void {
    if (env === undefined) throw new Error(`${queue.node.path} has no environment variable`);
    this.function.addEnvironment(env, queue.queueUrl);
    this.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
  }

  /** Gives an event bus: its name in the environment and the right to put events on it. */
  putEvents(bus: IEventBus): void {
    this.function.addEnvironment(Env.eventBus, bus.eventBusName);
    this.allow({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] });
  }

  /** Lets Lambda feed it the changes of a table, in batches that may fail in part. */
  readStream(
    { table }: ServiceTable,
    { failures, batchSize }: { failures: DeadLetterQueue; batchSize: number },
  ): void {
    const stream = table.tableStreamArn;
    if (stream === undefined) throw new Error(`${table.node.path} has no stream`);
    this.allow({
      // Lambda refuses a mapping whose role lacks any of these four.
      actions: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      resources: [stream],
    });
    this.function.addEventSourceMapping('Stream', {
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      maxBatchingWindow: Duration.seconds(1),
      bisectBatchOnError: true,
      retryAttempts: 5,
      reportBatchItemFailures: true,
      onFailure: new SqsDlq(failures.queue),
    });
  }

  /**
   * Lets Lambda feed it from a queue, in batches that may fail in part.
   *
   * @param batchSize messages a call, at most 10
   * @param concurrency how many calls may run at once; @default Lambda's own scaling
   */
  consume(
    { queue }: ServiceQueue,
    { batchSize, concurrency }: { batchSize: number; concurrency?: number },
  ): void {
    this.allow({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    });
    const mapping = this.function.addEventSourceMapping('Queue', {
      eventSourceArn: queue.queueArn,
      batchSize,
      reportBatchItemFailures: true,
      ...(concurrency === undefined ? {} : { maxConcurrency: concurrency }),
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda has no such destination for a queue; the queue has dead letters of its own.',
    });
  }
}

/** A resolved ARN as cdk-nag writes it in the id of a finding: `<Logical.Arn>/mail/*`. */
function flatten(arn: unknown): string {
  if (typeof arn === 'string') return arn;
  const { Ref: ref, ...functions } = arn as Record<string, unknown>;
  if (typeof ref === 'string') return `<${ref}>`;
  const [[name, argument]] = Object.entries(functions) as [[string, unknown[]]];
  if (name === 'Fn::GetAtt') return `<${argument.join('.')}>`;
  if (name === 'Fn::Join') return (argument[1] as unknown[]).map(flatten).join(String(argument[0]));
  throw new Error(`${JSON.stringify(arn)} is no ARN that a policy can name`);
}
