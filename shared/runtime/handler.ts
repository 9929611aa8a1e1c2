import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SNSEvent,
  SNSEventRecord,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { PendingDays } from '#shared/core/model/expiry.ts';
import { actingAs, serviceActor } from './actor.ts';
import type { FunctionDeclaration } from './declaration.ts';
import { environmentOf } from './environment.ts';
import type { Environment } from './variables.ts';

/** All that a handler takes from the runtime. */
export { environmentOf } from './environment.ts';
export { count, logger, measure } from './log.ts';

/** The system's own clock, pauses and randomness, as ports want them. */
export const clock = { now: () => new Date() };
export const retryTime = { clock, sleep, random: Math.random };
export const system = {
  clock,
  retryTime,
  random: { bytes: (size: number): Buffer => randomBytes(size) },
};

/** Splits a comma-separated setting, which may be empty. */
export const listOf = (setting: string): string[] => setting.split(',').filter(Boolean);

/** Reads the deployment from DEPLOYMENT, the JSON that infra writes. */
export const deploymentOf = ({ DEPLOYMENT: json }: { readonly DEPLOYMENT: string }): Deployment =>
  JSON.parse(json) as Deployment;

/** Reads how long the service waits for people from PENDING_DAYS, the JSON that infra writes. */
export const pendingDaysOf = ({ PENDING_DAYS: json }: { readonly PENDING_DAYS: string }) =>
  JSON.parse(json) as PendingDays;

/** Makes ports from a function's variables, once, at start-up. */
export type Wire<Declaration extends FunctionDeclaration, Ports> = (
  env: Environment<Declaration>,
) => NoInfer<Ports>;

/**
 * Makes the handler of a queue, whose batches may fail in part.
 *
 * @param work takes the bodies of the messages, its deadline in epoch milliseconds, and the whole
 *   records; answers with the indexes of those that failed and must come again
 */
export function sqsHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  work: (
    ports: Ports,
    bodies: readonly string[],
    deadline: number,
    records: readonly SQSRecord[],
  ) => Promise<readonly number[]>,
  wire: Wire<Declaration, Ports>,
) {
  const ports = wire(environmentOf(declaration));
  return async ({ Records: records }: SQSEvent, context: Context): Promise<BatchFailures> => {
    const bodies = records.map(({ body }) => body);
    const failed = new Set(
      await asService(declaration, context, () =>
        work(ports, bodies, deadlineOf(declaration, context), records),
      ),
    );
    return failuresOf(
      records.filter((_, index) => failed.has(index)).map((each) => each.messageId),
    );
  };
}

/**
 * Makes the handler of a topic, which invokes the function with one message at a time, and of the queue
 * that has the calls that failed. Lambda puts a failed call on the queue as it was, people
 * put what SNS could not deliver there, in SNS's envelope; until release 0.2 SNS put the message itself
 * there.
 *
 * @param work answers with the indexes of the messages that failed and must come again
 * @throws Error, by the handler, where the message of a topic failed: its call goes onto the queue
 */
export function topicHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  work: (ports: Ports, messages: readonly string[]) => Promise<readonly number[]>,
  wire: Wire<Declaration, Ports>,
) {
  const ports = wire(environmentOf(declaration));
  return async (
    { Records: records }: SNSEvent | SQSEvent,
    context: Context,
  ): Promise<BatchFailures | undefined> => {
    const failed = await asService(declaration, context, () =>
      work(ports, records.map(messageOfTopic)),
    );
    if (!records.some((record) => 'Sns' in record)) {
      return failuresOf(failed.map((index) => (records[index] as SQSRecord).messageId));
    }
    if (failed.length > 0) throw new Error('a message of the topic could not be handled');
    return undefined;
  };
}

/** Returns a message as it was published, from the topic or out of a call that failed. */
function messageOfTopic(record: SNSEventRecord | SQSRecord): string {
  if ('Sns' in record) return record.Sns.Message;
  try {
    const {
      Records: [call] = [],
      Type: type,
      Message: message,
    } = JSON.parse(record.body) as {
      readonly Records?: readonly SNSEventRecord[];
      readonly Type?: unknown;
      readonly Message?: unknown;
    };
    if (type === 'Notification' && typeof message === 'string') return message;
    return call?.Sns.Message ?? record.body;
  } catch (error) {
    if (error instanceof SyntaxError) return record.body;
    throw error;
  }
}

/** The handling of messages, each by itself. */
export interface EachMessage<Ports> {
  readonly work: (ports: Ports, body: string) => Promise<void>;
  /** Receives each error; its message comes again. */
  readonly failed: (error: unknown, body: string) => void;
  /** One after another, for work that takes much memory. @default all at once */
  readonly inTurn?: boolean;
}

/** Makes the handler of a queue whose messages are handled each by itself. */
export const messageHandler = <const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  { work, failed, inTurn = false }: EachMessage<Ports>,
  wire: Wire<Declaration, Ports>,
) => {
  const workAll = async (ports: Ports, bodies: readonly string[]): Promise<number[]> => {
    const failures: number[] = [];
    const handle = async (body: string, index: number): Promise<void> => {
      try {
        await work(ports, body);
      } catch (error) {
        failed(error, body);
        failures.push(index);
      }
    };
    if (inTurn) for (const [index, body] of bodies.entries()) await handle(body, index);
    else await Promise.all(bodies.map(handle));
    return failures;
  };
  return sqsHandler(declaration, workAll, wire);
};

/**
 * Makes the handler of a table's stream.
 *
 * @param work answers with the sequence number from which on the batch must come again, undefined
 *   where all went well
 */
export function streamHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  work: (ports: Ports, records: readonly DynamoDBRecord[]) => Promise<string | undefined>,
  wire: Wire<Declaration, Ports>,
) {
  const ports = wire(environmentOf(declaration));
  return async (
    { Records: records }: DynamoDBStreamEvent,
    context: Context,
  ): Promise<BatchFailures> => {
    const failedFrom = await asService(declaration, context, () => work(ports, records));
    return failuresOf(failedFrom === undefined ? [] : [failedFrom]);
  };
}

/**
 * The payload of a schedule (infra/constructs/schedule.ts); an operator's own call may send
 * nothing.
 */
export interface ScheduleEvent {
  readonly task?: unknown;
  readonly scheduledTime?: unknown;
}

/**
 * Makes the handler of a schedule; an operator's own call is due now.
 *
 * @param work takes when the call was due, which stays the same however late or often it comes, and
 *   its deadline in epoch milliseconds
 * @throws TypeError, by the handler, where the scheduled time is none
 */
export function scheduleHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  work: (ports: Ports, at: Date, deadline: number) => Promise<void>,
  wire: Wire<Declaration, Ports>,
) {
  const ports = wire(environmentOf(declaration));
  return async ({ scheduledTime }: ScheduleEvent, context: Context): Promise<void> => {
    const at = typeof scheduledTime === 'string' ? new Date(scheduledTime) : new Date();
    if (!['string', 'undefined'].includes(typeof scheduledTime) || Number.isNaN(at.getTime())) {
      throw new TypeError(
        `the scheduled time ${JSON.stringify(scheduledTime)} is not a time; the Scheduler must send <aws.scheduler.scheduled-time>`,
      );
    }
    await asService(declaration, context, () => work(ports, at, deadlineOf(declaration, context)));
  };
}

/**
 * The items that Lambda is to deliver again: messages by their id, a stream from a sequence number
 * on.
 */
type BatchFailures = ReturnType<typeof failuresOf>;
const failuresOf = (ids: readonly string[]) => ({
  batchItemFailures: ids.map((id) => ({ itemIdentifier: id })),
});

/** What a function does of its own accord, it does in the name of the service. */
const asService = <T>({ name }: FunctionDeclaration, context: Context, work: () => T): T =>
  actingAs(serviceActor(name, context.awsRequestId), work);

/** When Lambda ends the call, less the reserve, in epoch milliseconds. */
const deadlineOf = ({ reserve = 0 }: FunctionDeclaration, context: Context): number =>
  Date.now() + context.getRemainingTimeInMillis() - reserve * 1000;
