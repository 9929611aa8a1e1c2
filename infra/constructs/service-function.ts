/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionDeclaration, QueueDeclaration } from '#shared/runtime/declaration.ts';
import { BUS_VARIABLE, type SettingOf } from '#shared/runtime/variables.ts';
import type { TableName } from '#shared/runtime/tables.ts';
import { functionName, pascal, roleName } from '../names.ts';
import { type ConfiguredSetting, configuredValue } from '../settings.ts';
import { watchFunction } from './alarms.ts';
import { bundleDirectory } from './bundle.ts';
import { allow, type Permission } from './permission.ts';
import { Schedule } from './schedule.ts';
import { DeadLetterQueue, ServiceQueue } from './service-queue.ts';
import type { Service } from './service.ts';
import { consume, readStream } from './triggers.ts';

/** The settings that only the stack can give, since they need a construct. */
type Given<Declaration> = Exclude<SettingOf<Declaration>, ConfiguredSetting>;

interface CommonProps {
  readonly service: Service;
  /** Construct id of the queue for what failed. @default `<id>Failures` */
  readonly failuresId?: string;
  /** Calls at once on its queue, where the configuration says. @default the declaration's */
  readonly concurrency?: number;
  /** Expressions of schedules, where the configuration says. @default the declaration's */
  readonly schedules?: Readonly<Record<string, string>>;
}

export type ServiceFunctionProps<Declaration extends FunctionDeclaration> = CommonProps & {
  readonly declaration: Declaration;
} & ([Given<Declaration>] extends [never]
    ? { readonly environment?: Record<string, never> }
    : { readonly environment: Readonly<Record<Given<Declaration>, string>> });

interface Props extends CommonProps {
  readonly declaration: FunctionDeclaration;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The one construct that makes functions, as declared: Node 24 on arm64, bundled from
 * `lambdas/<name>`, with a log group and a role of its own, the rights on its tables and queues,
 * what wakes it, and its alarms. Rights on anything else its stack adds by `allow`.
 */
export class ServiceFunction<
  Declaration extends FunctionDeclaration = FunctionDeclaration,
> extends Construct {
  readonly name: string;
  readonly function: LambdaFunction;
  readonly #props: Props;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<Declaration>) {
    super(scope, id);
    this.#props = props;
    this.name = this.#props.declaration.name;
    const { wokenBy } = this.#props.declaration;
    const failures = this.#failures(scope, props.failuresId ?? `${id}Failures`);
    this.function = this.#function('schedules' in wokenBy ? failures : undefined);
    // Made first, since it may send to its own queue.
    const queue = 'queue' in wokenBy ? this.#queue(scope, wokenBy.queue) : undefined;
    this.#useTables();
    this.#sendTo();
    this.#wake(scope, queue, failures);
    watchFunction(this, this.function, this.#props.declaration, this.#props.service.alarms);
  }

  /**
   * Allows exactly these actions on exactly these resources.
   *
   * @param wildcard why a resource must be a pattern; cdk-nag refuses one without a reason
   */
  allow(permission: Permission, wildcard?: string): void {
    allow(this.function, permission, wildcard);
  }

  #function(failedEvents: IQueue | undefined): LambdaFunction {
    const { service, declaration, environment = {} } = this.#props;
    const { config } = service;
    const { name, settings = [], optionalSettings = [] } = declaration;
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
    Validations.of(this).acknowledge(withoutTracing);
    if (failedEvents === undefined) Validations.of(this).acknowledge(withoutFailedEvents);
    return new LambdaFunction(this, 'Function', {
      functionName: functionName(config, name),
      description: declaration.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Stack.of(this).bundlingRequired
        ? Code.fromAsset(bundleDirectory(name))
        : Code.fromInline(`throw new Error('synthesized without its bundle');`),
      timeout: timeoutOf(declaration),
      memorySize: declaration.memory ?? 256,
      role,
      logGroup,
      tracing: Tracing.DISABLED,
      ...(wakesItself(declaration) ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      environment: {
        POWERTOOLS_SERVICE_NAME: config.name,
        ...Object.fromEntries(
          [...settings, ...optionalSettings].map((setting) => [
            setting,
            environment[setting] ?? configuredValue(setting, config),
          ]),
        ),
      },
      ...(failedEvents === undefined ? {} : { deadLetterQueue: failedEvents }),
    });
  }

  /** A queue beside it for what failed, where nobody waits for its answer. */
  #failures(scope: Construct, id: string): IQueue | undefined {
    const { service, declaration } = this.#props;
    const { name, wokenBy } = declaration;
    if (!('failures' in wokenBy)) return undefined;
    const { config, alarms } = service;
    const props = { config, alarms, name: `${name}-failures`, ...wokenBy.failures };
    return new DeadLetterQueue(scope, id, props).queue;
  }

  /** The queue that it consumes, beside it. */
  #queue(scope: Construct, declaration: QueueDeclaration): IQueue {
    const { config, alarms, bus, queues } = this.#props.service;
    const queue = new ServiceQueue(scope, `${pascal(declaration.name)}Queue`, {
      config,
      alarms,
      bus,
      declaration,
      consumerTimeout: timeoutOf(this.#props.declaration),
    });
    queues.add(declaration.name, queue);
    return queue.queue;
  }

  /** Gives each table: its name in the environment, and the declared actions on it and its indexes. */
  #useTables(): void {
    const { service, declaration } = this.#props;
    for (const [name, uses] of Object.entries(declaration.tables ?? {})) {
      const { table, variable } = service.tables[name as TableName];
      const { actions = [], indexes = [] } = Object.groupBy<'actions' | 'indexes', string>(
        uses,
        (use) => (use.startsWith(ON_INDEX) ? 'indexes' : 'actions'),
      );
      this.function.addEnvironment(variable, table.tableName);
      this.allow({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
      });
      if (indexes.length === 0) continue;
      this.allow({
        actions: ['dynamodb:Query'],
        resources: indexes.map((use) => `${table.tableArn}/index/${use.slice(ON_INDEX.length)}`),
      });
    }
  }

  /** Gives each queue, and the bus: the URL or name in the environment, and the right to send. */
  #sendTo(): void {
    const { service, declaration } = this.#props;
    for (const name of declaration.sendsTo ?? []) {
      const { queue, variable } = service.queues.get(name);
      this.function.addEnvironment(variable, queue.queueUrl);
      this.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    }
    if (!declaration.putsEvents) return;
    this.function.addEnvironment(BUS_VARIABLE, service.bus.eventBusName);
    this.allow({ actions: ['events:PutEvents'], resources: [service.bus.eventBusArn] });
  }

  #wake(scope: Construct, queue: IQueue | undefined, failures: IQueue | undefined): void {
    const { service, declaration, concurrency, schedules: given = {} } = this.#props;
    const { name, wokenBy } = declaration;
    if ('queue' in wokenBy && queue) {
      const { batchSize } = wokenBy;
      consume(this.function, queue, { batchSize, concurrency: concurrency ?? wokenBy.concurrency });
    } else if ('stream' in wokenBy && failures) {
      const { table } = service.tables[wokenBy.stream];
      readStream(this.function, table, { batchSize: wokenBy.batchSize, failures });
    } else if ('schedules' in wokenBy && failures) {
      for (const [id, schedule] of Object.entries(wokenBy.schedules)) {
        const expression = given[id] ?? schedule.expression;
        if (expression === undefined) throw new Error(`${name}: nobody says when ${id} is`);
        new Schedule(scope, id, {
          ...schedule,
          config: service.config,
          name,
          target: this.function,
          expression,
          failedCalls: failures,
        });
      }
    }
  }
}

const ON_INDEX = 'Query ';

const timeoutOf = ({ timeout = 30 }: FunctionDeclaration): Duration => Duration.seconds(timeout);

/**
 * Whether what it sends comes back to it, as a message that waits does. Lambda's loop detection
 * would stop such a function after some 16 rounds and drop the message (docs/decisions/0004).
 */
const wakesItself = ({ wokenBy, sendsTo = [] }: FunctionDeclaration): boolean =>
  'queue' in wokenBy && sendsTo.includes(wokenBy.queue.name);

const withoutTracing = {
  id: 'Serverless-LambdaTracing',
  reason:
    'Without a tracer in the code X-Ray shows one segment a call, which the logs show too (docs/decisions/0003).',
};
const withoutFailedEvents = {
  id: 'Serverless-LambdaDLQ',
  reason:
    'Only invoked synchronously: by API Gateway, which returns the error, or from a queue or stream that has its own dead letters.',
};
