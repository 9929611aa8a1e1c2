import { setTimeout as sleep } from 'node:timers/promises';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createSqs, type Sqs } from '../../../local/aws/sqs.ts';
import {
  QueuePoller,
  type QueueMapping,
} from '../../../local/runtime/event-sources/queue-poller.ts';
import {
  withinPayload,
  type QueueRecord,
} from '../../../local/runtime/event-sources/queue-event.ts';
import type { Outcome } from '../../../local/runtime/lambda/environment.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../aws/stand-ins.ts';

let stateDir: string;
let stand: Sqs;
let gateway: Gateway;
let sqs: SQSClient;
let poller: QueuePoller | undefined;
let batches: QueueRecord[][];
const reported: string[] = [];

beforeEach(async () => {
  stateDir = temporaryDirectory();
  stand = createSqs({ stateDir, region: REGION, accountId: ACCOUNT });
  gateway = await gatewayFor({ sqs: stand.handle });
  sqs = new SQSClient(clientConfig(gateway));
  batches = [];
  reported.length = 0;
});

afterEach(async () => {
  await poller?.stop();
  poller = undefined;
  sqs.destroy();
  await gateway.close();
  stand.close();
  remove(stateDir);
});

const success: Outcome = { answered: true, payload: 'null' };
const failing = (...ids: string[]): Outcome => ({
  answered: true,
  payload: JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }),
});

interface TestQueue {
  readonly url: string;
  readonly arn: string;
  readonly name: string;
}

async function givenQueue(
  attributes: Record<string, string> = {},
  name = attributes['FifoQueue'] === 'true' ? 'q.fifo' : 'q',
): Promise<TestQueue> {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { VisibilityTimeout: '1', ...attributes },
    }),
  );
  return { url: QueueUrl!, arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`, name };
}

function poll(
  queue: { url: string; arn: string },
  handle: (records: QueueRecord[], call: number) => Outcome | Promise<Outcome>,
  mapping: Partial<QueueMapping> = {},
): void {
  poller = new QueuePoller(
    {
      queueUrl: queue.url,
      queueArn: queue.arn,
      batchSize: 10,
      windowSeconds: 0,
      reportsFailures: true,
      ...mapping,
    },
    sqs,
    async (payload) => {
      const { Records } = JSON.parse(payload) as { Records: QueueRecord[] };
      batches.push(Records);
      return handle(Records, batches.length);
    },
    (problem) => reported.push(problem),
  );
  poller.start();
}

const bodies = (): string[][] => batches.map((batch) => batch.map(({ body }) => body));
const left = (name: string): number => {
  const { visible = [], inFlight = [], delayed = [] } = stand.inspect(name) ?? {};
  return visible.length + inFlight.length + delayed.length;
};

test('a message reaches the function as Lambda gives it, and is deleted', async () => {
  const queue = await givenQueue();
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.url,
      MessageBody: '{"a":1}',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
    }),
  );

  poll(queue, () => success);

  await expect
    .poll(() => batches)
    .toEqual([
      [
        {
          messageId: expect.any(String) as string,
          receiptHandle: expect.any(String) as string,
          body: '{"a":1}',
          attributes: expect.objectContaining({
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d+$/) as string,
          }) as object,
          messageAttributes: {
            kind: {
              stringValue: 'x',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'String',
            },
          },
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
          eventSource: 'aws:sqs',
          eventSourceARN: queue.arn,
          awsRegion: REGION,
        },
      ],
    ]);
  await expect.poll(() => left(queue.name)).toBe(0);
});

test('what failed comes again when its visibility timeout is over, and only that', async () => {
  const queue = await givenQueue();
  for (const body of ['a', 'b', 'c']) await stand.send(queue.name, body);

  poll(queue, (records, call) =>
    call === 1
      ? failing(...records.filter(({ body }) => body === 'b').map(({ messageId }) => messageId))
      : success,
  );

  await expect.poll(() => batches.length).toBe(2);
  expect(bodies()).toEqual([['a', 'b', 'c'], ['b']]);
  expect(batches[1]?.[0]?.attributes['ApproximateReceiveCount']).toBe('2');
  await expect.poll(() => left(queue.name)).toBe(0);
});

test('a failed function leaves the batch, which ends in the dead-letter queue', async () => {
  const dead = await givenQueue({}, 'dead');
  const queue = await givenQueue({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
  });
  await stand.send(queue.name, 'a');

  poll(queue, () => ({ answered: false, error: { errorType: 'E', errorMessage: 'm' } }));

  await expect.poll(() => left('dead')).toBe(1);
  expect(batches.length).toBe(2);
});

test('a window gathers more than one receive gives', async () => {
  const queue = await givenQueue({ VisibilityTimeout: '30' });
  for (let index = 0; index < 25; index += 1) await stand.send(queue.name, String(index));

  poll(queue, () => success, { batchSize: 20, windowSeconds: 1 });

  await expect.poll(() => bodies().flat().length).toBe(25);
  expect(batches.map((batch) => batch.length)).toEqual([20, 5]);
});

test('no more batches run at once than the mapping allows', async () => {
  const queue = await givenQueue({ VisibilityTimeout: '30' });
  for (let index = 0; index < 6; index += 1) await stand.send(queue.name, String(index));
  let running = 0;
  let most = 0;

  poll(
    queue,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(50);
      running -= 1;
      return success;
    },
    { batchSize: 1, concurrency: 2 },
  );

  await expect.poll(() => left(queue.name)).toBe(0);
  expect(most).toBe(2);
});

test('stopping waits for the batch under way, and its messages are deleted', async () => {
  const queue = await givenQueue();
  await stand.send(queue.name, 'a');
  poll(queue, async () => {
    await sleep(300);
    return success;
  });
  await expect.poll(() => batches.length).toBe(1);

  await poller?.stop();

  expect(left(queue.name)).toBe(0);
});

const sendFifo = (name: string, group: string, body: string): Promise<void> =>
  stand.send(name, body, { groupId: group, deduplicationId: body });

test('a FIFO batch holds several messages of a group, in their order, one batch at a time', async () => {
  const queue = await givenQueue({ FifoQueue: 'true', VisibilityTimeout: '30' });
  for (const body of ['1', '2', '3']) await sendFifo(queue.name, 'g', body);
  await sendFifo(queue.name, 'h', 'x');
  const running = new Set<string>();

  poll(queue, async (records) => {
    const groups = new Set(records.map(({ attributes }) => attributes['MessageGroupId'] ?? ''));
    expect(running.isDisjointFrom(groups)).toBe(true);
    for (const group of groups) running.add(group);
    if (batches.length === 1) await sendFifo(queue.name, 'g', '4');
    await sleep(100);
    for (const group of groups) running.delete(group);
    return success;
  });

  await expect.poll(() => left(queue.name)).toBe(0);
  expect(batches[0]?.length).toBe(4);
  const ofGroup = batches
    .flat()
    .filter(({ attributes }) => attributes['MessageGroupId'] === 'g')
    .map(({ body }) => body);
  expect(ofGroup).toEqual(['1', '2', '3', '4']);
});

test('a FIFO group whose batch failed comes again in its order', async () => {
  const queue = await givenQueue({ FifoQueue: 'true' });
  for (const body of ['1', '2', '3', '4']) await sendFifo(queue.name, 'g', body);

  poll(queue, (records, call) =>
    call === 1 ? failing(...records.slice(1).map(({ messageId }) => messageId)) : success,
  );

  await expect.poll(() => batches.length).toBe(2);
  expect(bodies()).toEqual([
    ['1', '2', '3', '4'],
    ['2', '3', '4'],
  ]);
});

test('records are cut into runs within the limit', () => {
  const runs = withinPayload(['a'.repeat(10), 'b'.repeat(10), 'c'.repeat(100), 'd'], 45);

  expect(runs.map((run) => run.map((item) => item[0]).join(''))).toEqual(['ab', 'c', 'd']);
  expect(withinPayload([], 45)).toEqual([]);
});
