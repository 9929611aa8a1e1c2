import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startGateway } from '../../local/aws/gateway.ts';
import { createS3 } from '../../local/aws/s3.ts';
import { createSqs } from '../../local/aws/sqs.ts';

export interface Queues {
  client: SQSClient;
  s3: S3Client;
  endpoint: string;
  /** @returns the queue's URL */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  createBucket(name: string): Promise<void>;
  close(): Promise<void>;
}

const region = 'eu-west-1';
const accountId = '000000000000';

/** Starts SQS and S3 of its own, without anything in them. */
export async function startQueues(): Promise<Queues> {
  const stateDir = mkdtempSync(join(tmpdir(), 'queues-'));
  const sqs = createSqs({ stateDir, region, accountId });
  const buckets = createS3({ stateDir });
  const gateway = await startGateway({
    port: 0,
    authorize: () => ({ allowed: true }),
    resources: { region, accountId, kmsKeyArn: () => undefined },
    services: { s3: buckets.handle, sqs: sqs.handle },
  });
  const settings = {
    endpoint: gateway.url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new SQSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  return {
    client,
    s3,
    endpoint: gateway.url,
    async createQueue(name, attributes = {}) {
      const made = await client.send(
        new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
      );
      return made.QueueUrl!;
    },
    async createBucket(name) {
      await s3.send(new CreateBucketCommand({ Bucket: name }));
    },
    async close() {
      client.destroy();
      s3.destroy();
      await gateway.close();
      sqs.close();
      buckets.close();
      rmSync(stateDir, { recursive: true });
    },
  };
}
