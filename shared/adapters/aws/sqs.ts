import { randomUUID } from 'node:crypto';
import {
  SendMessageBatchCommand,
  SQSClient,
  type SendMessageBatchRequestEntry,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { Queue, SendOptions } from '#shared/app/ports/queues.ts';
import { inBatches, type LeftOver } from './batches.ts';
import { requestTimeouts } from './request-timeouts.ts';

export function sqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    requestHandler: requestTimeouts(),
    ...config,
  });
}

/** Entries of one SendMessageBatch, and octets of all of them (SQS's quotas of messages). */
const ENTRIES_PER_BATCH = 10;
const OCTETS_PER_BATCH = 1_048_576;

/**
 * An SQS queue of one kind of request, as JSON bodies.
 *
 * @param url the queue's URL; one that ends in `.fifo`, as SQS has it, is FIFO and takes groups
 */
export function sqsQueue<Request>(client: SQSClient, url: string): Queue<Request> {
  const fifo = url.endsWith('.fifo');
  return {
    async send(requests, options = {}) {
      const entries = requests.map((request, index): SendMessageBatchRequestEntry => ({
        // Unique within a batch is enough.
        Id: String(index % ENTRIES_PER_BATCH),
        MessageBody: JSON.stringify(request),
        ...(fifo ? fifoFields(request, options, url) : standardFields(request, options, url)),
      }));
      for (const some of bySize(entries)) {
        await inBatches(some, ENTRIES_PER_BATCH, (part) => sendBatch(client, url, part));
      }
    },
  };
}

/** Cuts entries into parts, in order, none of which is larger than a call. */
function bySize(
  entries: readonly SendMessageBatchRequestEntry[],
): SendMessageBatchRequestEntry[][] {
  const parts: SendMessageBatchRequestEntry[][] = [];
  let left = 0;
  for (const entry of entries) {
    const octets = Buffer.byteLength(entry.MessageBody ?? '');
    const part = octets <= left ? parts.at(-1) : undefined;
    if (part === undefined) {
      parts.push([entry]);
      left = OCTETS_PER_BATCH - octets;
    } else {
      part.push(entry);
      left -= octets;
    }
  }
  return parts;
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

/** With a group SQS shares a standard queue out fairly (fair queues); it keeps no order there. */
function standardFields<Request>(request: Request, options: SendOptions<Request>, url: string) {
  if (options.deduplicationId !== undefined) {
    throw new TypeError(`${url} is a standard queue: it has no deduplication`);
  }
  return {
    ...(options.delaySeconds === undefined ? {} : { DelaySeconds: options.delaySeconds }),
    ...(options.group === undefined ? {} : { MessageGroupId: options.group(request) }),
  };
}

/**
 * Sends up to 10 entries.
 *
 * @returns those that SQS could not take
 * @throws Error where SQS refuses an entry as our fault
 */
async function sendBatch(
  client: SQSClient,
  url: string,
  part: readonly SendMessageBatchRequestEntry[],
): Promise<LeftOver<SendMessageBatchRequestEntry> | undefined> {
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: [...part] });
  const { Failed: failed = [] } = await client.send(command);
  if (failed.length === 0) return undefined;
  const hopeless = failed.find((failure) => failure.SenderFault === true);
  const reason = hopeless ?? failed[0];
  const error = new Error(
    `SQS took ${part.length - failed.length} of ${part.length} messages for ${url}: ${reason?.Code} ${reason?.Message ?? ''}`,
  );
  if (hopeless !== undefined) throw error;
  const ids = new Set(failed.map((failure) => failure.Id));
  return { entries: part.filter((entry) => ids.has(entry.Id)), error };
}
