import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AwsRequest } from '../../../local/aws/http.ts';
import { createS3 } from '../../../local/aws/s3.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import type { Sqs } from '../../../local/aws/sqs.ts';
import { ACCOUNT, remove, temporaryDirectory } from './stand-ins.ts';

const fixture = new URL('../../fixtures/earlier-state/', import.meta.url).pathname;
/** When the fixture was made: three messages of each queue are visible, the delayed one is not. */
const THEN = 1_795_948_200_000;
let stateDir: string;
let opened: (() => void)[];

beforeEach(() => {
  stateDir = temporaryDirectory();
  opened = [];
});
afterEach(() => {
  close();
  remove(stateDir);
});
function close(): void {
  for (const each of opened.splice(0)) each();
}

function givenQueues(): void {
  mkdirSync(join(stateDir, 'messaging'));
  const database = new DatabaseSync(join(stateDir, 'messaging', 'fauxqs.db'));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(readFileSync(join(fixture, 'queues.sql'), 'utf8'));
  database.close();
}
const givenObjects = (): void =>
  cpSync(join(fixture, 's3'), join(stateDir, 's3'), { recursive: true });

function startSqs(now = THEN): Sqs {
  const sqs = createSqs({ stateDir, region: 'eu-west-1', accountId: ACCOUNT, now: () => now });
  opened.push(() => sqs.close());
  return sqs;
}
async function answer(
  method: string,
  path: string,
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: Buffer }> {
  const s3 = createS3({ stateDir });
  try {
    const request: AwsRequest = {
      method,
      path,
      query: new URLSearchParams(path === '/mails' ? { 'list-type': '2' } : {}),
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
      body: Buffer.alloc(0),
    };
    const response = await s3.handle(request);
    if (typeof response === 'symbol') throw new Error('no answer');
    const parts: Buffer[] = [];
    if (typeof response.body === 'string') parts.push(Buffer.from(response.body));
    else for await (const part of response.body) parts.push(Buffer.from(part as Buffer));
    return { ...response, body: Buffer.concat(parts) };
  } finally {
    s3.close();
  }
}

const expectCarriedOver = (sqs: Sqs): void => {
  expect(sqs.inspect('mail')).toMatchObject({
    visible: [
      {
        body: '{"is":"waiting ü"}',
        attributes: {
          kind: { DataType: 'String', StringValue: 'x' },
          raw: { DataType: 'Binary', BinaryValue: 'AP8=' },
        },
        receiveCount: 0,
      },
      { body: '{"is":"waiting too"}' },
    ],
    delayed: [{ body: '{"is":"delayed"}', visibleAt: expect.any(Number) as number }],
    inFlight: [{ body: '{"in":"flight"}', receiveCount: 1 }],
  });
  const ofFifo = sqs.inspect('order.fifo');
  expect(ofFifo?.inFlight).toMatchObject([{ body: 'a1', groupId: 'a', deduplicationId: 'a1' }]);
  expect(ofFifo?.visible.map(({ body }) => body)).toEqual(['b1', 'a2', 'a3']);
  expect(sqs.inspect('mail-dead-letters')).toEqual({ visible: [], delayed: [], inFlight: [] });
};

test('messages that waited, were delayed or in flight are carried over, once', () => {
  givenQueues();
  expectCarriedOver(startSqs());
  expect(existsSync(join(stateDir, 'messaging'))).toBe(false);
  close();
  expectCarriedOver(startSqs());
});

test('queues have their attributes, and take what a run releases and sends', async () => {
  givenQueues();
  const sqs = startSqs();
  sqs.releaseInFlight();
  expect(sqs.inspect('order.fifo')?.visible.map(({ body }) => body)).toEqual([
    'a1',
    'b1',
    'a2',
    'a3',
  ]);
  await sqs.send('order.fifo', 'a4', { groupId: 'a', deduplicationId: 'a4' });
  expect(sqs.inspect('order.fifo')?.visible.at(-1)?.body).toBe('a4');
  close();
  const database = new DatabaseSync(join(stateDir, 'sqs.sqlite'), { readOnly: true });
  const row = database.prepare("SELECT queue FROM queues WHERE name = 'mail'").get();
  database.close();
  expect(JSON.parse(String(row?.['queue']))).toMatchObject({
    arn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:mail`,
    attributes: {
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '90',
      RedrivePolicy: expect.stringContaining('mail-dead-letters') as string,
    },
  });
});

test('a run that died while it carried over has not doubled anything', () => {
  givenQueues();
  startSqs();
  close();
  givenQueues();
  expect(startSqs().inspect('mail')?.visible).toHaveLength(2);
});

test('messages are there however long the state was not used', () => {
  givenQueues();
  const { visible, inFlight } = startSqs(THEN + 400 * 86_400_000).inspect('mail')!;
  expect([...visible, ...inFlight]).toHaveLength(4);
});

test('buckets and objects are carried over, once', async () => {
  givenObjects();
  const mail = await answer('GET', '/mails/mail/t1/m1/fingerprint');
  expect(mail.body.toString()).toBe('a mail');
  expect(mail.headers).toMatchObject({
    'content-type': 'message/rfc822',
    'content-length': '6',
    'x-amz-checksum-crc32': expect.any(String) as string,
  });
  expect(existsSync(join(stateDir, 's3', 'buckets'))).toBe(false);
  const other = await answer('GET', '/mails/in/a%20b%2B%25.eml');
  expect(other.body).toEqual(Buffer.from([0, 1, 254, 255]));
  expect(other.headers).toMatchObject({ 'x-amz-meta-who': 'me' });
  expect((await answer('GET', '/mails')).body.toString()).toMatch(/<KeyCount>2</);
  expect((await answer('HEAD', '/empty')).status).toBe(200);
  expect((await answer('HEAD', '/mails')).status).toBe(200);
});

test('objects that a run has carried over before it died are not doubled', async () => {
  givenObjects();
  await answer('GET', '/mails');
  givenObjects();
  await answer('GET', '/mails');
  const database = new DatabaseSync(join(stateDir, 's3', 'index.sqlite'), { readOnly: true });
  expect(database.prepare('SELECT count(*) AS count FROM objects').get()).toEqual({ count: 2 });
  database.close();
});
