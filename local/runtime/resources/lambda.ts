import * as z from 'zod';
import {
  accepted,
  boolean,
  integer,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import { trusts } from '../connections.ts';
import { accessKeyOf, type DeclaredFunction, type Deployment } from '../deployment.ts';
import { parseResourcePolicy } from '../policies.ts';

const eventSourceMapping = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: integer.optional(),
  MaximumBatchingWindowInSeconds: integer.default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.strictObject({ MaximumConcurrency: integer.optional() }).optional(),
  BisectBatchOnFunctionError: boolean.default(false),
  MaximumRetryAttempts: integer.default(-1),
  MaximumRecordAgeInSeconds: integer.default(-1),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) })
    .optional(),
  Tags: tags,
});

/** Lambda's functions, who may invoke them, and what event-source mappings them. */
export function lambdaTypes(
  { region, account }: { readonly region: string; readonly account: string },
  deployment: Deployment,
): ResourceTypes {
  const functionArn = (nameOrArn: string): string =>
    nameOrArn.startsWith('arn:')
      ? nameOrArn
      : `arn:aws:lambda:${region}:${account}:function:${nameOrArn}`;
  return {
    'AWS::Lambda::Function': resourceType(
      {
        FunctionName: z.string().optional(),
        Description: z.string().optional(),
        Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
        Handler: z.string(),
        Role: z.string(),
        Runtime: z.literal(`nodejs${process.versions.node.split('.')[0]}.x`),
        Architectures: accepted('JavaScript runs on any'),
        MemorySize: integer.default(128),
        Timeout: integer.default(3),
        Environment: z
          .strictObject({ Variables: z.record(z.string(), z.string()).default({}) })
          .prefault({}),
        LoggingConfig: z
          .strictObject({
            LogGroup: z.string(),
            LogFormat: accepted('log files here are always JSON lines'),
            ApplicationLogLevel: accepted('what a function prints is kept'),
            SystemLogLevel: accepted('reports are kept, for people and tests'),
          })
          .optional(),
        DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
        ReservedConcurrentExecutions: accepted('calls that wait for a thread are not refused here'),
        RecursiveLoop: accepted('loops are not looked for here'),
        Tags: tags,
      },
      ({ stack, properties, generatedName }) => {
        const name = properties.FunctionName ?? generatedName();
        const arn = functionArn(name);
        const role = deployment.roles.get(properties.Role);
        if (role === undefined) throw new Error(`there is no role ${properties.Role}`);
        if (!trusts(role, 'lambda.amazonaws.com', arn, account)) {
          throw new Error(`the trust policy of ${role.arn} does not let Lambda assume it`);
        }
        const taskRoot = stack.assets.get(properties.Code.S3Key);
        if (taskRoot === undefined) {
          throw new Error(`the assembly has no asset ${properties.Code.S3Key}`);
        }
        const { TargetArn: deadLetterArn } = properties.DeadLetterConfig ?? {};
        if (deadLetterArn !== undefined) deployment.queue(deadLetterArn);
        deployment.functions.set(arn, {
          name,
          arn,
          role,
          taskRoot,
          handler: properties.Handler,
          timeoutSeconds: properties.Timeout,
          memoryMegabytes: properties.MemorySize,
          variables: properties.Environment.Variables,
          logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
          deadLetterArn,
          asyncRetries: 2,
        });
        deployment.principals.set(accessKeyOf(name), role);
        return { ref: name, attributes: { Arn: arn } };
      },
    ),
    'AWS::Lambda::Permission': resourceType(
      {
        Action: z.string(),
        FunctionName: z.string(),
        Principal: z.string(),
        SourceArn: z.string().optional(),
        SourceAccount: z.string().optional(),
      },
      ({ logicalId, properties }) => {
        const arn = functionArn(properties.FunctionName);
        deployment.function(arn);
        const { services } = parseResourcePolicy(permissionPolicy(arn, properties));
        const statements = deployment.serviceStatements.get(arn) ?? [];
        deployment.serviceStatements.set(arn, [...statements, ...services]);
        return { ref: logicalId };
      },
    ),
    'AWS::Lambda::EventInvokeConfig': resourceType(
      {
        FunctionName: z.string(),
        Qualifier: z.literal('$LATEST'),
        MaximumRetryAttempts: integer.default(2),
      },
      ({ logicalId, properties: { FunctionName, MaximumRetryAttempts } }) => {
        const target = deployment.function(functionArn(FunctionName));
        deployment.functions.set(target.arn, { ...target, asyncRetries: MaximumRetryAttempts });
        return { ref: logicalId };
      },
    ),
    'AWS::Lambda::EventSourceMapping': resourceType(
      eventSourceMapping.shape,
      ({ stack, logicalId, properties }) => {
        const target = deployment.function(functionArn(properties.FunctionName));
        const id = `${stack.name}/${logicalId}`;
        deployment.mappings.push(mapping(id, target, properties, deployment));
        return { ref: id };
      },
    ),
  };
}

/** The statement that Lambda adds to a function's policy for a permission. */
function permissionPolicy(
  functionArn: string,
  permission: {
    Action: string;
    Principal: string;
    SourceArn?: string | undefined;
    SourceAccount?: string | undefined;
  },
): object {
  const { Action, Principal, SourceArn, SourceAccount } = permission;
  const Condition = {
    ...(SourceArn && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(SourceAccount && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
  };
  return {
    Statement: {
      Effect: 'Allow',
      Action,
      Principal: { Service: Principal },
      Resource: functionArn,
      ...(Object.keys(Condition).length > 0 && { Condition }),
    },
  };
}

function mapping(
  id: string,
  target: DeclaredFunction,
  properties: z.infer<typeof eventSourceMapping>,
  deployment: Deployment,
): Deployment['mappings'][number] {
  const common = {
    function: target,
    windowSeconds: properties.MaximumBatchingWindowInSeconds,
    reportsFailures: properties.FunctionResponseTypes.length > 0,
  };
  const { EventSourceArn: source, StartingPosition: startingPosition } = properties;
  if (source.startsWith('arn:aws:sqs:')) {
    return {
      ...common,
      kind: 'queue',
      queue: deployment.queue(source),
      batchSize: properties.BatchSize ?? 10,
      concurrency: properties.ScalingConfig?.MaximumConcurrency,
    };
  }
  // A table that the templates only name, as one that was restored, has a stream all the same.
  const isOfTable = /^arn:aws:dynamodb:[^:]+:\d+:table\/[^/]+\/stream\/[^/]+$/.test(source);
  if (!isOfTable) {
    throw new Error(`the local run feeds from queues and table streams, not from ${source}`);
  }
  if (startingPosition === undefined) throw new Error('a stream needs a StartingPosition');
  if (!deployment.streamArns.includes(source)) deployment.streamArns.push(source);
  const failureQueueArn = properties.DestinationConfig?.OnFailure.Destination;
  if (failureQueueArn !== undefined) deployment.queue(failureQueueArn);
  return {
    ...common,
    kind: 'stream',
    id,
    streamArn: source,
    batchSize: properties.BatchSize ?? 100,
    bisects: properties.BisectBatchOnFunctionError,
    maximumRetries: properties.MaximumRetryAttempts,
    maximumRecordAge: properties.MaximumRecordAgeInSeconds,
    startingPosition,
    failureQueueArn,
  };
}
