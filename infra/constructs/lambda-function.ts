import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type FunctionDeclaration, queuesOf } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { functionName, roleName } from '../names.ts';
import { configuredValue } from '../settings.ts';
import { bundleDirectory } from './bundle.ts';
import type { Service } from './service.ts';

export interface LambdaFunctionProps {
  readonly service: Service;
  readonly declaration: FunctionDeclaration;
  /** The settings that the configuration does not give. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Calls at once that Lambda keeps for it; 0 keeps none. @default 0 */
  readonly keptConcurrency?: number;
  /** Takes events of asynchronous calls that failed; undefined where all calls are synchronous. */
  readonly failedEvents: IQueue | undefined;
}

/** Makes a Lambda function with its bundle, its settings, its role and its log group. */
export function lambdaFunction(
  scope: Construct,
  {
    service: { config },
    declaration,
    environment = {},
    keptConcurrency = 0,
    failedEvents,
  }: LambdaFunctionProps,
): LambdaFunction {
  const { name, folder = name, description, memory = 256 } = declaration;
  const logGroup = new LogGroup(scope, 'Logs', {
    logGroupName: `/aws/lambda/${functionName(config, name)}`,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'Role', {
    roleName: roleName(config, name),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  Validations.of(scope).acknowledge(withoutTracing);
  if (failedEvents === undefined) Validations.of(scope).acknowledge(withoutFailedEvents);
  const isInvokedByTopic = 'topic' in declaration.wokenBy;
  if (isInvokedByTopic) Validations.of(scope).acknowledge(withoutDestination);
  return new LambdaFunction(scope, 'Function', {
    functionName: functionName(config, name),
    description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Stack.of(scope).bundlingRequired
      ? Code.fromAsset(bundleDirectory(folder))
      : Code.fromInline(`throw new Error('synthesized without its bundle');`),
    timeout: timeoutOf(declaration),
    memorySize: memory,
    ...(keptConcurrency > 0 ? { reservedConcurrentExecutions: keptConcurrency } : {}),
    role,
    logGroup,
    // Lambda's own lines about calls that went well would be half of what is logged; its metrics have them.
    loggingFormat: LoggingFormat.JSON,
    systemLogLevelV2: SystemLogLevel.WARN,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    tracing: Tracing.DISABLED,
    ...(wakesItself(declaration) ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    environment: {
      POWERTOOLS_SERVICE_NAME: config.name,
      ...settingsOf(declaration, environment, config),
    },
    ...(failedEvents === undefined ? {} : { deadLetterQueue: failedEvents }),
    ...(isInvokedByTopic ? { retryAttempts: 0 } : {}),
  });
}

export const timeoutOf = ({ timeout = 30 }: FunctionDeclaration): Duration =>
  Duration.seconds(timeout);

/** The declared settings, from the stack or else from the configuration. */
const settingsOf = (
  { settings = [], optionalSettings = [] }: FunctionDeclaration,
  environment: Readonly<Record<string, string>>,
  config: Config,
): Record<string, string> =>
  Object.fromEntries(
    [...settings, ...optionalSettings].map((setting) => [
      setting,
      environment[setting] ?? configuredValue(setting, config),
    ]),
  );

/**
 * Returns true if messages that it sends come back to it, as a message that waits does. Lambda's loop
 * detection would stop such a function after some 16 rounds and drop the message
 * (docs/decisions/0004).
 */
const wakesItself = ({ wokenBy, sendsTo = [] }: FunctionDeclaration): boolean =>
  queuesOf(wokenBy).some(({ name }) => sendsTo.includes(name));

const withoutTracing = {
  id: 'Serverless-LambdaTracing',
  reason:
    'Without a tracer in the code X-Ray shows one segment a call, which the logs show too (docs/decisions/0003).',
};
const withoutDestination = {
  id: 'Serverless-LambdaAsyncFailureDestination',
  reason:
    'Its dead-letter queue takes a call that failed as it was; a destination would put it into an envelope.',
};
const withoutFailedEvents = {
  id: 'Serverless-LambdaDLQ',
  reason:
    'Only invoked synchronously: by API Gateway, which returns the error, or from a queue or stream that has its own dead letters.',
};
