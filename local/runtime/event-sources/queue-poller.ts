import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Outcome } from '../lambda/environment.ts';
import { ENVIRONMENTS_PER_FUNCTION, PAYLOAD_LIMIT } from '../lambda/function.ts';
import { failedItems } from './batch-result.ts';
import { queueRecord, withinPayload, type QueueRecord } from './queue-event.ts';

/** The event-source mapping of a queue. */
export interface QueueMapping {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** Seconds that a batch is gathered for; 0 hands on what one receive gives. */
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  /** The most batches at once. */
  readonly concurrency?: number;
}

/** SQS gives at most so many messages in one receive, and lets one wait at most so many seconds. */
const RECEIVE_LIMIT = 10;
const LONG_POLL = 20;
/** Milliseconds before the next try where the queue could not be read. */
const RECEIVE_PAUSE = 1000;

/**
 * Receives messages of a queue and hands them to a function in batches. Processed messages are
 * deleted; failed ones stay and are visible again when their visibility timeout is over.
 */
export class QueuePoller {
  readonly #mapping: QueueMapping;
  readonly #sqs: SQSClient;
  readonly #invoke: (payload: string) => Promise<Outcome>;
  readonly #log: (problem: string) => void;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  /** @param sqs a client with the function's own credentials, as Lambda's poller uses its role */
  constructor(
    mapping: QueueMapping,
    sqs: SQSClient,
    invoke: (payload: string) => Promise<Outcome>,
    log: (problem: string) => void,
  ) {
    this.#mapping = mapping;
    this.#sqs = sqs;
    this.#invoke = invoke;
    this.#log = log;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Receives no more, and resolves when the batches under way are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const slots = Math.min(
      this.#mapping.concurrency ?? ENVIRONMENTS_PER_FUNCTION,
      ENVIRONMENTS_PER_FUNCTION,
    );
    while (!this.#stopping.signal.aborted) {
      // Nothing is received that would have to wait: its visibility timeout would run meanwhile.
      if (this.#underWay.size >= slots) await Promise.race(this.#underWay);
      const messages = await this.#gather();
      const records = messages.map((message) => queueRecord(message, this.#mapping.queueArn));
      for (const run of withinPayload(records, PAYLOAD_LIMIT)) this.#dispatch(run);
    }
  }

  async #gather(): Promise<Message[]> {
    const { batchSize, windowSeconds } = this.#mapping;
    const messages = await this.#receive(batchSize, LONG_POLL);
    if (messages.length === 0) return messages;
    const deadline = Date.now() + windowSeconds * 1000;
    while (messages.length < batchSize && Date.now() < deadline) {
      const seconds = Math.min(LONG_POLL, Math.floor((deadline - Date.now()) / 1000));
      const more = await this.#receive(batchSize - messages.length, seconds);
      messages.push(...more);
      if (more.length === 0 && seconds === 0) await sleep(Math.min(100, deadline - Date.now()));
    }
    return messages;
  }

  async #receive(count: number, waitSeconds: number): Promise<Message[]> {
    const { signal } = this.#stopping;
    if (signal.aborted) return [];
    try {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#mapping.queueUrl,
          MaxNumberOfMessages: Math.min(count, RECEIVE_LIMIT),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      return Messages;
    } catch (error) {
      if (signal.aborted) return [];
      this.#log(`${this.#mapping.queueArn}: cannot receive: ${(error as Error).message}`);
      await sleep(RECEIVE_PAUSE);
      return [];
    }
  }

  #dispatch(records: readonly QueueRecord[]): void {
    const work = this.#process(records)
      .catch((error: unknown) => {
        // Messages that could not be deleted come again: a standard queue delivers at least once.
        this.#log(`${this.#mapping.queueArn}: cannot delete: ${(error as Error).message}`);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #process(records: readonly QueueRecord[]): Promise<void> {
    const outcome = await this.#invoke(JSON.stringify({ Records: records }));
    const failed = failedItems(
      outcome,
      records.map(({ messageId }) => messageId),
      this.#mapping.reportsFailures,
    );
    const done = records.filter(({ messageId }) => !failed.has(messageId));
    for (let start = 0; start < done.length; start += RECEIVE_LIMIT) {
      const entries = done.slice(start, start + RECEIVE_LIMIT);
      const { Failed = [] } = await this.#sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.#mapping.queueUrl,
          Entries: entries.map(({ receiptHandle }, index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
          })),
        }),
      );
      if (Failed.length > 0)
        throw new Error(Failed.map(({ Message: reason }) => reason).join('; '));
    }
  }
}
