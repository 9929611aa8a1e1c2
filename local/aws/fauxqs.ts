import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import type { AwsHandler } from './http.ts';
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
    sqs: withOwnQueueUrls(proxy.handle),
    sns: proxy.handle,
    server,
    async close() {
      proxy.close();
      await server.stop();
    },
  };
}
