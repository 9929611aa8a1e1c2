import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { RateLimit } from '../aws/rate-limit.ts';
import { createScheduler, type Scheduler } from '../aws/scheduler.ts';
import type { TableWrites } from '../aws/table-writes.ts';
import { callJson, REQUEST_LIMIT, type Caller } from './aws-call.ts';
import {
  accessKeyOf,
  OPERATOR_KEY,
  type DeclaredApi,
  type DeclaredQueueMapping,
  type DeclaredStreamMapping,
  type Deployment,
} from './deployment.ts';
import { AsyncInvocations, type AsyncTarget } from './event-sources/async-invocations.ts';
import { Checkpoints } from './event-sources/checkpoints.ts';
import { QueuePoller } from './event-sources/queue-poller.ts';
import { streamClient } from './event-sources/stream-client.ts';
import { StreamPoller } from './event-sources/stream-poller.ts';
import type { Functions } from './functions.ts';
import type { Route } from './http-api/server.ts';

/** The parts that event-source mappings need. */
export interface EventSourceContext {
  readonly deployment: Deployment;
  readonly functions: Functions;
  readonly caller: Omit<Caller, 'accessKeyId'>;
  readonly stateDir: string;
  readonly writes: Pick<TableWrites, 'count'>;
  readonly log: (problem: string) => void;
}

/** Something that runs until it is stopped, and then finishes what it has begun. */
export interface Feed {
  stop(): Promise<void>;
}

/** Connects queues and streams to functions as the event source mappings say. */
export function startMappings(context: EventSourceContext): Feed {
  const checkpoints = new Checkpoints(join(context.stateDir, 'stream-checkpoints.json'));
  const clients: SQSClient[] = [];
  const pollers = context.deployment.mappings.map((mapping) => {
    if (mapping.kind === 'stream') return streamPoller(mapping, context, checkpoints);
    const sqs = sqsClient(context.caller, accessKeyOf(mapping.function.name));
    clients.push(sqs);
    return queuePoller(mapping, context, sqs);
  });
  for (const poller of pollers) poller.start();
  return {
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
      for (const client of clients) client.destroy();
    },
  };
}

const sqsClient = (
  { endpoint, region }: EventSourceContext['caller'],
  accessKeyId: string,
): SQSClient =>
  new SQSClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    // A receive waits for 20 s; one that hangs, as planted faults do, would stop the mapping.
    requestHandler: { requestTimeout: REQUEST_LIMIT, throwOnRequestTimeout: true },
  });

function queuePoller(
  mapping: DeclaredQueueMapping,
  { functions, log }: EventSourceContext,
  sqs: SQSClient,
): QueuePoller {
  const { queue, batchSize, windowSeconds, reportsFailures, concurrency } = mapping;
  return new QueuePoller(
    {
      queueUrl: queue.url,
      queueArn: queue.arn,
      batchSize,
      windowSeconds,
      reportsFailures,
      ...(concurrency !== undefined && { concurrency }),
    },
    sqs,
    invoker(functions, mapping.function.arn, log),
    log,
  );
}

function streamPoller(
  { function: target, failureQueueArn, ...mapping }: DeclaredStreamMapping,
  { deployment, functions, caller, writes, log }: EventSourceContext,
  checkpoints: Checkpoints,
): StreamPoller {
  const asFunction = { ...caller, accessKeyId: accessKeyOf(target.name) };
  return new StreamPoller(
    { ...mapping, functionArn: target.arn, region: caller.region },
    {
      client: streamClient(asFunction),
      checkpoints,
      writes: () => writes.count,
      invoke: invoker(functions, target.arn, log),
      giveUp:
        failureQueueArn === undefined
          ? undefined
          : sender(asFunction, deployment.queue(failureQueueArn).url),
      log,
    },
  );
}

/** Lambda's queue of asynchronous invocations of each function. */
export function asyncInvocations(context: EventSourceContext): AsyncInvocations {
  const { deployment, functions, caller, stateDir, log } = context;
  const targets = new Map<string, AsyncTarget>();
  for (const { name, arn, deadLetterArn, asyncRetries } of deployment.functions.values()) {
    const asFunction = { ...caller, accessKeyId: accessKeyOf(name) };
    targets.set(arn, {
      invoke: invoker(functions, arn, log),
      retries: asyncRetries,
      giveUp:
        deadLetterArn === undefined
          ? undefined
          : sender(asFunction, deployment.queue(deadLetterArn).url),
    });
  }
  return new AsyncInvocations(join(stateDir, 'async-invocations'), targets, log);
}

/** Makes the calls that schedules declare: each hands its event to Lambda's queue, which does not fail. */
export function startSchedules(
  { deployment, caller, stateDir, log }: EventSourceContext,
  invocations: AsyncInvocations,
): Scheduler {
  return createScheduler({
    stateDir,
    schedules: deployment.schedules,
    call: async ({ schedule, input }) => invocations.submit(schedule.functionArn, input),
    async undelivered({ schedule, input }, reason) {
      if (schedule.deadLetterArn === undefined) return;
      // The run's start checked that the schedule's role may do this.
      const send = sender(
        { ...caller, accessKeyId: OPERATOR_KEY },
        deployment.queue(schedule.deadLetterArn).url,
      );
      await send(input, { ERROR_CODE: reason.name, ERROR_MESSAGE: reason.message });
    },
    log,
  });
}

/** Invokes a function and says where it failed, since its caller only goes on or tries again. */
function invoker(
  functions: Functions,
  arn: string,
  log: EventSourceContext['log'],
): AsyncTarget['invoke'] {
  const target = functions.get(arn);
  return async (payload) => {
    const outcome = await target.invoke(payload);
    if (!outcome.answered) {
      const { errorType, errorMessage } = outcome.error;
      log(`${target.settings.functionName} failed: ${errorType}: ${errorMessage}`);
    }
    return outcome;
  };
}

const sender =
  (caller: Caller, queueUrl: string) =>
  async (body: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> => {
    await callJson(caller, 'sqs', 'AmazonSQS.SendMessage', {
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          name,
          { DataType: 'String', StringValue: value },
        ]),
      ),
    });
  };

/**
 * Puts the routes of an API together with the functions behind them.
 *
 * @throws Error on a route whose integration or authorizer was not declared
 */
export function routesOf(api: DeclaredApi, functions: Functions): Route[] {
  return api.routes.map(({ routeKey, integrationId, authorizerId }) => {
    const integration = api.integrations.get(integrationId);
    if (integration === undefined) {
      throw new Error(`the route ${routeKey} has no integration ${integrationId}`);
    }
    const authorizer = authorizerId === undefined ? undefined : api.authorizers.get(authorizerId);
    if (authorizerId !== undefined && authorizer === undefined) {
      throw new Error(`the route ${routeKey} has no authorizer ${authorizerId}`);
    }
    const target = functions.get(integration.functionArn);
    const throttle = api.throttles.get(routeKey);
    return {
      routeKey,
      invoke: (payload) => target.invoke(payload),
      timeoutMilliseconds: integration.timeoutMilliseconds,
      ...(throttle && { throttle: new RateLimit(throttle.burst, throttle.perSecond, Date.now) }),
      ...(authorizer && {
        authorizer: {
          invoke: (payload) => functions.get(authorizer.functionArn).invoke(payload),
          identitySources: authorizer.identitySources,
        },
      }),
    };
  });
}
