/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
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
  const props = { config, alarms, name: `${name}-failures`, ...wokenBy.failures };
  return new DeadLetterQueue(scope, id, props).queue;
}

/** Makes the queue that the function consumes, for others to send to. */
export function consumedQueue(
  scope: Construct,
  { service: { config, alarms, bus, queues }, declaration }: Declared,
): IQueue | undefined {
  if (!('queue' in declaration.wokenBy)) return undefined;
  const { queue } = declaration.wokenBy;
  const made = new ServiceQueue(scope, `${pascal(queue.name)}Queue`, {
    config,
    alarms,
    bus,
    declaration: queue,
    consumerTimeout: timeoutOf(declaration),
  });
  queues.add(queue.name, made);
  return made.queue;
}

export interface EventSourceProps extends Declared {
  /** The result of `consumedQueue`. */
  readonly queue: IQueue | undefined;
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
  { service, declaration, queue, failures, concurrency, schedules: given = {} }: EventSourceProps,
): void {
  const { name, wokenBy } = declaration;
  if ('queue' in wokenBy && queue) {
    const { batchSize } = wokenBy;
    consume(target, queue, { batchSize, concurrency: concurrency ?? wokenBy.concurrency });
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
