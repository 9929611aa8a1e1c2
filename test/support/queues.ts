import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';

export interface Queues {
  client: SQSClient;
  s3: S3Client;
  endpoint: string;
  /** @returns the queue's URL */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  createBucket(name: string): void;
  close(): Promise<void>;
}

/** Starts SQS and S3 of its own, in memory. */
export async function startQueues(): Promise<Queues> {
  const server = await startFauxqs({
    port: 0,
    host: '127.0.0.1',
    logger: false,
    defaultRegion: 'eu-west-1',
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const settings = {
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new SQSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  return {
    client,
    s3,
    endpoint,
    async createQueue(name, attributes = {}) {
      return server.createQueue(name, { region: 'eu-west-1', attributes }).queueUrl;
    },
    createBucket(name) {
      server.createBucket(name);
    },
    async close() {
      client.destroy();
      s3.destroy();
      await server.stop();
    },
  };
}
