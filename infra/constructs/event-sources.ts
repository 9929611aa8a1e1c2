/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type FunctionDeclaration, queuesOf } from '#shared/runtime/declaration.ts';
import { pascal } from '../names.ts';
import { timeoutOf } from './lambda-function.ts';
import { Schedule } from './schedule.ts';
import { DeadLetterQueue, ServiceQueue } from './service-queue.ts';
import type { Service } from './service.ts';
import { consume, readStream } from './triggers.ts';

interface Declared {
  readonly service: Service;
  readonly declaration: FunctionDeclaration;
}

/** Makes the queue of failed events, where no caller waits for the function's answer. */
export function failuresQueue(
  scope: Construct,
  id: string,
  { service: { config, alarms }, declaration: { name, wokenBy } }: Declared,
): IQueue | undefined {
  if (!('failures' in wokenBy)) return undefined;
  const { failures } = wokenBy;
  // That calls of a schedule fail has an alarm of its own, which is as urgent as they are.
  const severity = 'schedules' in wokenBy ? 'routine' : failures.severity;
  const props = { config, alarms, name: `${name}-failures`, ...failures, severity } as const;
  return new DeadLetterQueue(scope, id, props).queue;
}

/** Returns the queue of events of asynchronous calls that failed; undefined where there are no such calls. */
export function failedEvents(
  { service: { queues }, declaration: { wokenBy } }: Declared,
  failures: IQueue | undefined,
): IQueue | undefined {
  if ('queue' in wokenBy && wokenBy.topic === true) return queues.get(wokenBy.queue.name).queue;
  return 'schedules' in wokenBy ? failures : undefined;
}

/** Makes the queues that the function consumes, for others to send to. */
export function consumedQueues(
  scope: Construct,
  { service: { config, alarms, bus, queues }, declaration }: Declared,
): void {
  for (const queue of queuesOf(declaration.wokenBy)) {
    const made = new ServiceQueue(scope, `${pascal(queue.name)}Queue`, {
      config,
      alarms,
      bus,
      declaration: queue,
      consumerTimeout: timeoutOf(declaration),
    });
    queues.add(queue.name, made);
  }
}

/**
 * Reads the queue that a function's queue replaced. Stacks deployed later import its ARN and URL
 * until they are: CloudFormation deletes no export that is imported.
 */
function keepFormer(target: LambdaFunction, queue: IQueue, batchSize: number): void {
  consume(target, 'Queue', queue, { batchSize, concurrency: undefined });
  Stack.of(target).exportValue(queue.queueArn);
  Stack.of(target).exportValue(queue.queueUrl);
}

export interface EventSourceProps extends Declared {
  /** The result of `failuresQueue`. */
  readonly failures: IQueue | undefined;
  /** Calls at once on its queue. @default the declaration's */
  readonly concurrency?: number;
  /** Expressions of schedules, by id. @default the declaration's */
  readonly schedules?: Readonly<Record<string, string>>;
}

/**
 * Connects a function with what wakes it: its queue, a table's stream or schedules. API Gateway is
 * connected by the routes.
 */
export function connectEventSources(
  scope: Construct,
  target: LambdaFunction,
  { service, declaration, failures, concurrency, schedules: given = {} }: EventSourceProps,
): void {
  const { name, wokenBy } = declaration;
  if ('queue' in wokenBy) {
    const { queue: of, batchSize, urgent, formerQueue } = wokenBy;
    const { queue } = service.queues.get(of.name);
    // The mapping of the queue that was there first keeps its id.
    if (formerQueue) keepFormer(target, service.queues.get(formerQueue.name).queue, batchSize);
    consume(target, formerQueue ? `${pascal(of.name)}Queue` : 'Queue', queue, {
      batchSize,
      concurrency: concurrency ?? wokenBy.concurrency,
    });
    if (urgent) consume(target, 'Urgent', service.queues.get(urgent.queue.name).queue, urgent);
  } else if ('stream' in wokenBy && failures) {
    const { table } = service.tables[wokenBy.stream];
    readStream(target, table, { batchSize: wokenBy.batchSize, failures });
  } else if ('schedules' in wokenBy && failures) {
    for (const [id, schedule] of Object.entries(wokenBy.schedules)) {
      const expression = given[id] ?? schedule.expression;
      if (expression === undefined) throw new Error(`${name}: nobody says when ${id} is`);
      new Schedule(scope, id, {
        ...schedule,
        config: service.config,
        name,
        target,
        expression,
        failedCalls: failures,
      });
    }
  }
}
