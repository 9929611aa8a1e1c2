import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createS3 } from '../../../local/aws/s3.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import { ACCOUNT, gatewayFor, REGION, remove, temporaryDirectory } from './stand-ins.ts';

let stateDir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  stateDir = temporaryDirectory();
});
afterEach(() => {
  child?.kill('SIGKILL');
  remove(stateDir);
});

const source = (path: string): string =>
  JSON.stringify(new URL(`../../../local/aws/${path}`, import.meta.url).href);

/** Runs the stand-ins in a process of their own, with a queue and a bucket; gives the gateway's URL. */
async function runStandIns(): Promise<string> {
  const program = `
    const { createSqs } = await import(${source('sqs.ts')});
    const { createS3 } = await import(${source('s3.ts')});
    const { startGateway } = await import(${source('gateway.ts')});
    const { stateDir, region, accountId } = ${JSON.stringify({ stateDir, region: REGION, accountId: ACCOUNT })};
    const sqs = createSqs({ stateDir, region, accountId });
    const s3 = createS3({ stateDir });
    const gateway = await startGateway({
      port: 0,
      authorize: () => ({ allowed: true }),
      resources: { region, accountId, kmsKeyArn: () => undefined },
      services: { sqs: sqs.handle, s3: s3.handle },
    });
    const scope = 'AWS4-HMAC-SHA256 Credential=a/20260101/' + region;
    await fetch(gateway.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.CreateQueue', authorization: scope + '/sqs/aws4_request' },
      body: JSON.stringify({ QueueName: 'q' }),
    });
    await fetch(gateway.url + '/mails', {
      method: 'PUT', headers: { authorization: scope + '/s3/aws4_request' },
    });
    process.send(gateway.url);
  `;
  const args = ['--input-type=module', '--eval', program];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  return url;
}

const config = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'a', secretAccessKey: 'any' },
  maxAttempts: 1,
});

test('SIGKILL in the middle of sending, deleting and storing loses nothing that was acknowledged', async () => {
  const url = await runStandIns();
  const sqs = new SQSClient(config(url));
  const s3 = new S3Client({ ...config(url), forcePathStyle: true });
  const QueueUrl = `${url}/${ACCOUNT}/q`;
  const sent = new Set<string>();
  const begun = new Set<string>();
  const deleted = new Set<string>();
  const stored: string[] = [];
  let serial = 0;
  const body = (): string => {
    serial += 1;
    begun.add(String(serial));
    return String(serial);
  };

  const sending = async (): Promise<never> => {
    for (;;) {
      const one = body();
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: one }));
      sent.add(one);
      const batch = Array.from({ length: 10 }, body);
      await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: batch.map((each) => ({ Id: each, MessageBody: each })),
        }),
      );
      for (const each of batch) sent.add(each);
    }
  };
  const consuming = async (): Promise<never> => {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
      );
      for (const { Body, ReceiptHandle } of Messages) {
        // The outcome of a deletion without an answer is not known.
        begun.delete(Body!);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        deleted.add(Body!);
        if (deleted.size === 20) child?.kill('SIGKILL');
      }
    }
  };
  const storing = async (): Promise<never> => {
    for (;;) {
      const Key = `mail/${stored.length}`;
      await s3.send(
        new PutObjectCommand({ Bucket: 'mails', Key, Body: Buffer.alloc(100_000, stored.length) }),
      );
      stored.push(Key);
    }
  };
  const ended = await Promise.allSettled([sending(), sending(), consuming(), storing()]);
  expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'));
  expect(sent.size).toBeGreaterThan(20);
  expect(stored.length).toBeGreaterThan(0);

  const again = createSqs({ stateDir, region: REGION, accountId: ACCOUNT });
  const { visible, inFlight } = again.inspect('q')!;
  const kept = new Set([...visible, ...inFlight].map((message) => message.body));
  again.close();
  const undone = [...sent].filter((each) => begun.has(each));
  expect([...kept]).toEqual(expect.arrayContaining(undone));
  expect(kept.isDisjointFrom(deleted)).toBe(true);

  const objects = createS3({ stateDir });
  const gateway = await gatewayFor({ s3: objects.handle });
  for (const [index, key] of stored.entries()) {
    const response = await fetch(`${gateway.url}/mails/${key}`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/${REGION}/s3/aws4_request`,
      },
    });
    const content = Buffer.from(await response.arrayBuffer());
    expect(content.equals(Buffer.alloc(100_000, index))).toBe(true);
  }
  await gateway.close();
  objects.close();
  // The kill leaves nothing behind, but for an object that was stored unacknowledged.
  const files = readdirSync(join(stateDir, 's3', 'objects'));
  expect(files.length - stored.length).toBeLessThanOrEqual(1);
});
