import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { FunctionDeclaration } from './declaration.ts';
import type { TableName } from './tables.ts';
import { BUS_VARIABLE, type Environment, queueVariable, tableVariable } from './variables.ts';

/** All that a handler takes from the runtime. */
export { count, logFailedRequest, logger } from './log.ts';

/** The system's own clock, pauses and randomness, as ports want them. */
export const clock = { now: () => new Date() };
export const patience = { clock, sleep, random: Math.random };
export const system = {
  clock,
  patience,
  random: { bytes: (size: number): Buffer => randomBytes(size) },
};

/**
 * Reads a function's variables at start-up, so that one that is wired wrongly fails before it
 * serves.
 *
 * @throws Error that names every variable that is missing, or empty and not optional
 */
export function environmentOf<Declaration extends FunctionDeclaration>({
  tables = {},
  sendsTo = [],
  putsEvents,
  settings = [],
  optionalSettings = [],
}: Declaration): Environment<Declaration> {
  const names: string[] = [
    ...(Object.keys(tables) as TableName[]).map(tableVariable),
    ...sendsTo.map(queueVariable),
    ...(putsEvents ? [BUS_VARIABLE] : []),
    ...settings,
  ];
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`missing environment variables: ${missing.join(', ')}`);
  return Object.fromEntries(
    [...names, ...optionalSettings].map((name) => [name, process.env[name] ?? '']),
  ) as Environment<Declaration>;
}

/** Splits a comma-separated setting, which may be empty. */
export const listOf = (setting: string): string[] => setting.split(',').filter(Boolean);

/** Reads the deployment from DEPLOYMENT, the JSON that infra writes. */
export const deploymentOf = ({ DEPLOYMENT: json }: { readonly DEPLOYMENT: string }): Deployment =>
  JSON.parse(json) as Deployment;

/**
 * Makes the handler of a queue, whose batches may fail in part.
 *
 * @param work takes the bodies of the messages, when Lambda ends the call, in epoch milliseconds, and
 *   the whole records; answers with the indexes of those that failed and must come again
 */
export const sqsHandler =
  (
    work: (
      bodies: readonly string[],
      deadline: number,
      records: readonly SQSRecord[],
    ) => Promise<readonly number[]>,
  ) =>
  async ({ Records: records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const bodies = records.map(({ body }) => body);
    const failed = new Set(await work(bodies, deadlineOf(context), records));
    return {
      batchItemFailures: records
        .filter((_, index) => failed.has(index))
        .map(({ messageId }) => ({ itemIdentifier: messageId })),
    };
  };

/**
 * Makes the handler of a queue whose messages are handled each by itself.
 *
 * @param work handles the body of a message
 * @param failed is told each error; its message comes again
 * @param options `inTurn`: one after another, for work that takes much memory; else all at once
 */
export const messageHandler = (
  work: (body: string) => Promise<void>,
  failed: (error: unknown, body: string) => void,
  { inTurn = false }: { readonly inTurn?: boolean } = {},
) =>
  sqsHandler(async (bodies) => {
    const failures: number[] = [];
    const handle = async (body: string, index: number): Promise<void> => {
      try {
        await work(body);
      } catch (error) {
        failed(error, body);
        failures.push(index);
      }
    };
    if (inTurn) for (const [index, body] of bodies.entries()) await handle(body, index);
    else await Promise.all(bodies.map(handle));
    return failures;
  });

/**
 * Makes the handler of a table's stream.
 *
 * @param work answers with the sequence number from which on the batch must come again, undefined
 *   where all went well
 */
export const streamHandler =
  (work: (records: readonly DynamoDBRecord[]) => Promise<string | undefined>) =>
  async ({ Records: records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failedFrom = await work(records);
    return {
      batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }],
    };
  };

/** What a schedule sends (infra/constructs/schedule.ts); an operator's own call may send nothing. */
export interface ScheduleEvent {
  readonly task?: unknown;
  readonly scheduledTime?: unknown;
}

/**
 * Makes the handler of a schedule; an operator's own call is due now.
 *
 * @param work takes when the call was due, which stays the same however late or often it comes, and
 *   when Lambda ends it, in epoch milliseconds
 * @throws TypeError, by the handler, where the scheduled time is none
 */
export const scheduleHandler =
  (work: (at: Date, deadline: number) => Promise<void>) =>
  async ({ scheduledTime }: ScheduleEvent, context: Context): Promise<void> => {
    const at = typeof scheduledTime === 'string' ? new Date(scheduledTime) : new Date();
    if (!['string', 'undefined'].includes(typeof scheduledTime) || Number.isNaN(at.getTime())) {
      throw new TypeError(
        `the scheduled time ${JSON.stringify(scheduledTime)} is not a time; the Scheduler must send <aws.scheduler.scheduled-time>`,
      );
    }
    await work(at, deadlineOf(context));
  };

/** When Lambda ends the call, in epoch milliseconds. */
const deadlineOf = (context: Context): number => Date.now() + context.getRemainingTimeInMillis();
