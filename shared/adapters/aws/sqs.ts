import { randomUUID } from 'node:crypto';
import {
  SendMessageBatchCommand,
  SQSClient,
  type SendMessageBatchRequestEntry,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { Queue, SendOptions } from '#shared/app/ports/queues.ts';

export function sqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    // A connection that hangs must not use up the function's time: the SDK tries again.
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}

/** Entries of one SendMessageBatch. */
const ENTRIES_PER_BATCH = 10;
const BATCH_TRIES = 4;
const FIRST_PAUSE_MS = 100;

/**
 * An SQS queue of one kind of request, as JSON bodies.
 *
 * @param url the queue's URL; `fifo` says which kind it is, since only FIFO queues take groups
 */
export function sqsQueue<Request>(
  client: SQSClient,
  url: string,
  { fifo = false }: { fifo?: boolean } = {},
): Queue<Request> {
  return {
    async send(requests, options = {}) {
      for (let start = 0; start < requests.length; start += ENTRIES_PER_BATCH) {
        const part = requests.slice(start, start + ENTRIES_PER_BATCH);
        await sendBatch(
          client,
          url,
          part.map((request, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify(request),
            ...(fifo ? fifoFields(request, options, url) : delayField(options, url)),
          })),
        );
      }
    },
  };
}

function fifoFields<Request>(request: Request, options: SendOptions<Request>, url: string) {
  if (options.group === undefined) throw new TypeError(`${url} is FIFO: send with a group`);
  if (options.delaySeconds !== undefined) {
    throw new TypeError(`${url} is FIFO: SQS has no delay per message there`);
  }
  return {
    MessageGroupId: options.group(request),
    MessageDeduplicationId: options.deduplicationId?.(request) ?? randomUUID(),
  };
}

function delayField<Request>(options: SendOptions<Request>, url: string) {
  if (options.group !== undefined || options.deduplicationId !== undefined) {
    throw new TypeError(`${url} is a standard queue: it has no groups and no deduplication`);
  }
  return options.delaySeconds === undefined ? {} : { DelaySeconds: options.delaySeconds };
}

/**
 * Sends up to 10 entries; those that SQS could not take are tried again with growing pauses.
 *
 * @throws Error where SQS refuses an entry as our fault, or still fails after 4 tries
 */
async function sendBatch(
  client: SQSClient,
  url: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<void> {
  let open = [...entries];
  for (let attempt = 1; ; attempt += 1) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: open }));
    const failed = answer.Failed ?? [];
    if (failed.length === 0) return;
    const hopeless = failed.find((failure) => failure.SenderFault === true);
    if (hopeless !== undefined || attempt === BATCH_TRIES) {
      const reason = hopeless ?? failed[0];
      throw new Error(
        `SQS took ${open.length - failed.length} of ${open.length} messages for ${url}: ${reason?.Code} ${reason?.Message ?? ''}`,
      );
    }
    const ids = new Set(failed.map((failure) => failure.Id));
    open = open.filter((entry) => ids.has(entry.Id));
    await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt));
  }
}
