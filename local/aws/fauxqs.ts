import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { HANG_UP } from './http.ts';
import type { AwsHandler } from './http.ts';
import { JsonInput } from './json-protocol.ts';
import { proxyTo } from './proxy.ts';

export interface MessagingOptions {
  readonly stateDir: string;
  readonly region: string;
}

export interface Messaging {
  readonly s3: AwsHandler;
  readonly sqs: AwsHandler;
  readonly sns: AwsHandler;
  /** For what has no API call: looking into a queue without receiving from it. */
  readonly server: Pick<FauxqsServer, 'inspectQueue'>;
  close(): Promise<void>;
}

/** Answers that carry queue URLs. */
const GIVES_QUEUE_URL = /\.(?:CreateQueue|GetQueueUrl|ListQueues)$/;

/** Queue URLs lead back to the gateway, under the host that the client knows it by. */
function withOwnQueueUrls(handle: AwsHandler): AwsHandler {
  return async (request) => {
    const response = await handle(request);
    if (typeof response === 'symbol') return response;
    if (!GIVES_QUEUE_URL.test(request.headers['x-amz-target'] ?? '')) return response;
    const origin = `http://${request.headers['host'] ?? '127.0.0.1'}/`;
    const body = response.body.toString().replaceAll(/https?:\/\/[^/"\s]+\//g, origin);
    return { ...response, body };
  };
}

type QueueState = NonNullable<ReturnType<FauxqsServer['inspectQueue']>>;

/** Whether a receive would find something: a message that is ready, or will be at the next look. */
function hasMessages({ messages }: QueueState): boolean {
  const now = Date.now();
  const hidden = messages.inflight.filter(({ visibilityDeadline }) => visibilityDeadline > now);
  const locked = new Set(hidden.map(({ message }) => message.messageGroupId));
  return (
    messages.ready.some(({ messageGroupId: group }) => group === undefined || !locked.has(group)) ||
    messages.delayed.some(({ delayUntil }) => delayUntil === undefined || delayUntil <= now) ||
    hidden.length < messages.inflight.length
  );
}

const LOOK_EVERY_MS = 25;

/**
 * Waits for messages here and receives without waiting: a long poll inside fauxqs goes on when its
 * receiver is gone, and takes a message that then nobody sees until its visibility timeout.
 */
function withOwnLongPolls(handle: AwsHandler, server: Messaging['server']): AwsHandler {
  return async (request) => {
    if (request.headers['x-amz-target']?.endsWith('.ReceiveMessage') !== true) {
      return handle(request);
    }
    const { fields } = new JsonInput(request.body);
    const look = (): QueueState | undefined =>
      server.inspectQueue(String(fields['QueueUrl']).split('/').at(-1) ?? '');
    const ofQueue = look()?.attributes['ReceiveMessageWaitTimeSeconds'];
    const deadline = Date.now() + Number(fields['WaitTimeSeconds'] ?? ofQueue ?? 0) * 1000;
    for (let state = look(); state !== undefined && Date.now() < deadline; state = look()) {
      if (hasMessages(state)) break;
      await sleep(LOOK_EVERY_MS);
      if (request.signal?.aborted === true) return HANG_UP;
    }
    const body = Buffer.from(JSON.stringify({ ...fields, WaitTimeSeconds: 0 }));
    return handle({ ...request, body });
  };
}

/** S3, SQS and SNS: fauxqs in this process, its state in the state directory. */
export async function startMessaging({ stateDir, region }: MessagingOptions): Promise<Messaging> {
  const server = await startFauxqs({
    port: 0,
    host: '127.0.0.1',
    defaultRegion: region,
    dataDir: join(stateDir, 'messaging'),
    s3StorageDir: join(stateDir, 's3'),
    logger: false,
  });
  const proxy = proxyTo(`http://127.0.0.1:${server.port}`);
  return {
    s3: proxy.handle,
    sqs: withOwnLongPolls(withOwnQueueUrls(proxy.handle), server),
    sns: proxy.handle,
    server,
    async close() {
      proxy.close();
      await server.stop();
    },
  };
}
