import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { Checkpoints } from '../../../local/runtime/event-sources/checkpoints.ts';
import {
  streamClient,
  type StreamClient,
  type StreamRecord,
} from '../../../local/runtime/event-sources/stream-client.ts';
import {
  StreamPoller,
  type StreamMapping,
} from '../../../local/runtime/event-sources/stream-poller.ts';
import type { Outcome } from '../../../local/runtime/lambda/environment.ts';
import { startDynamo } from '../../support/dynamo.ts';

const SHARD = 'shard-1';
let folder: string;
let poller: StreamPoller | undefined;
let batches: string[][];
let notices: Record<string, unknown>[];
let writes: number;
const reported: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stream-'));
  batches = [];
  notices = [];
  writes = 0;
  reported.length = 0;
});

afterEach(async () => {
  await poller?.stop();
  poller = undefined;
  await rm(folder, { recursive: true });
});

const record = (sequence: number): StreamRecord => ({
  eventID: String(sequence),
  eventName: 'INSERT',
  awsRegion: 'elsewhere',
  dynamodb: {
    SequenceNumber: String(sequence),
    ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
  },
});

/** A stream of one shard; an iterator is the sequence number it is behind. */
function givenStream(records: StreamRecord[]): StreamClient {
  return {
    shards: async () => [
      {
        ShardId: SHARD,
        SequenceNumberRange: {
          StartingSequenceNumber: '1',
          ...(records.length > 0 && {
            EndingSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber,
          }),
        },
      },
    ],
    iterator: async (_, __, after) => after ?? '0',
    records: async (iterator, limit) => {
      const found = records
        .filter(({ dynamodb }) => Number(dynamodb.SequenceNumber) > Number(iterator))
        .slice(0, limit);
      return { records: found, next: found.at(-1)?.dynamodb.SequenceNumber ?? iterator };
    },
  };
}

const success: Outcome = { answered: true, payload: 'null' };
const failure: Outcome = { answered: false, error: { errorType: 'E', errorMessage: 'm' } };
const checkpoints = (): Checkpoints => new Checkpoints(join(folder, 'checkpoints.json'));
const reached = (): string | undefined => checkpoints().get(`relay/${SHARD}`);

function poll(
  client: StreamClient,
  handle: (sequenceNumbers: string[], call: number) => Outcome | Promise<Outcome>,
  mapping: Partial<StreamMapping> = {},
): void {
  poller = new StreamPoller(
    {
      id: 'relay',
      streamArn: 'arn:stream',
      functionArn: 'arn:function',
      region: 'eu-west-1',
      batchSize: 100,
      windowSeconds: 0,
      reportsFailures: true,
      bisects: false,
      maximumRetries: -1,
      maximumRecordAge: -1,
      startingPosition: 'TRIM_HORIZON',
      ...mapping,
    },
    {
      client,
      checkpoints: checkpoints(),
      writes: () => writes,
      invoke: async (payload) => {
        const { Records } = JSON.parse(payload) as { Records: StreamRecord[] };
        const numbers = Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        batches.push(numbers);
        return { ...(await handle(numbers, batches.length)), requestId: `r${batches.length}` };
      },
      giveUp: async (notice) => {
        notices.push(JSON.parse(notice) as Record<string, unknown>);
      },
      log: (problem) => reported.push(problem),
    },
  );
  poller.start();
}

test('records come in order, in batches, and the place is kept', async () => {
  poll(givenStream([1, 2, 3].map(record)), () => success, { batchSize: 2 });

  await expect.poll(reached).toBe('3');
  expect(batches).toEqual([['1', '2'], ['3']]);
});

test('what comes later is seen', async () => {
  const records = [record(1)];
  poll(givenStream(records), () => success);
  await expect.poll(reached).toBe('1');

  records.push(record(2));
  writes += 1;

  await expect.poll(reached).toBe('2');
});

test('an idle stream is read once a second, and within a moment of a write', async () => {
  const records = [record(1)];
  const stream = givenStream(records);
  const reads: number[] = [];
  const noted: StreamClient = {
    ...stream,
    records: (iterator, limit) => {
      reads.push(performance.now());
      return stream.records(iterator, limit);
    },
  };
  poll(noted, () => success);
  await expect.poll(() => reads.length).toBeGreaterThan(4);
  // The first two reads are of what is there.
  const pauses = reads.slice(2).map((at, index) => at - reads[index + 1]!);
  expect(Math.min(...pauses)).toBeGreaterThan(900);

  records.push(record(2));
  writes += 1;
  await expect.poll(reached).toBe('2');
});

test('a new run goes on where the last one was', async () => {
  const stream = givenStream([1, 2, 3].map(record));
  checkpoints().set(`relay/${SHARD}`, '2');

  poll(stream, () => success);

  await expect.poll(reached).toBe('3');
  expect(batches).toEqual([['3']]);
});

test('a place beyond the end of the stream is given up, since the stream is another one', async () => {
  checkpoints().set(`relay/${SHARD}`, '500');

  poll(givenStream([1, 2].map(record)), () => success);

  await expect.poll(reached).toBe('2');
  expect(batches).toEqual([['1', '2']]);
});

test('LATEST begins with what comes', async () => {
  const records = [1, 2].map(record);
  poll(givenStream(records), () => success, { startingPosition: 'LATEST' });
  await expect.poll(reached).toBe('2');

  records.push(record(3));
  writes += 1;

  await expect.poll(reached).toBe('3');
  expect(batches).toEqual([['3']]);
});

test('a batch that failed is tried again, and nothing after it goes first', async () => {
  poll(givenStream([1, 2].map(record)), (_, call) => (call < 3 ? failure : success), {
    batchSize: 1,
  });

  await expect.poll(reached).toBe('2');
  expect(batches).toEqual([['1'], ['1'], ['1'], ['2']]);
});

test('after a partial failure only what is from the first failure on comes again', async () => {
  poll(givenStream([1, 2, 3].map(record)), (_, call) =>
    call === 1
      ? { answered: true, payload: '{"batchItemFailures":[{"itemIdentifier":"2"}]}' }
      : success,
  );

  await expect.poll(reached).toBe('3');
  expect(batches).toEqual([
    ['1', '2', '3'],
    ['2', '3'],
  ]);
});

test('halving finds the record that fails, gives it up after its tries, and goes on', async () => {
  poll(
    givenStream([1, 2, 3, 4].map(record)),
    (numbers) => (numbers.includes('3') ? failure : success),
    { bisects: true, maximumRetries: 1 },
  );

  await expect.poll(reached).toBe('4');
  expect(batches).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['3'], ['4']]);
  expect(notices).toEqual([
    expect.objectContaining({
      requestContext: {
        requestId: 'r5',
        functionArn: 'arn:function',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      DDBStreamBatchInfo: expect.objectContaining({
        shardId: SHARD,
        startSequenceNumber: '3',
        endSequenceNumber: '3',
        batchSize: 1,
        streamArn: 'arn:stream',
      }) as object,
    }),
  ]);
});

test('a record that is too old is given up', async () => {
  const old = record(1);
  old.dynamodb.ApproximateCreationDateTime -= 100;

  poll(givenStream([old, record(2)]), (numbers) => (numbers.includes('1') ? failure : success), {
    batchSize: 1,
    maximumRecordAge: 60,
  });

  await expect.poll(reached).toBe('2');
  expect(notices[0]?.['requestContext']).toMatchObject({ condition: 'RecordAgeExceeded' });
});

test('a batch that the end of the run cut off is not given up', async () => {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  poll(givenStream([record(1)]), () => promise, { maximumRetries: 0 });
  await expect.poll(() => batches.length).toBe(1);

  const stopped = poller?.stop();
  resolve(failure);
  await stopped;

  expect(notices).toEqual([]);
  expect(reached()).toBeUndefined();
});

test('reads the stream of a table over the wire', async () => {
  const dynamo = await startDynamo();
  try {
    const table = dynamo.tables.claims;
    for (let index = 0; index < 3; index += 1) {
      await dynamo.client.send(
        new PutCommand({ TableName: table, Item: { pk: String(index), sk: 's' } }),
      );
    }
    const { Table } = await dynamo.client.send(new DescribeTableCommand({ TableName: table }));
    const client = streamClient({
      endpoint: dynamo.endpoint,
      region: 'eu-west-1',
      accessKeyId: 'key',
    });
    const arn = Table?.LatestStreamArn ?? '';
    const [shard] = await client.shards(arn);

    const first = await client.records(await client.iterator(arn, shard!.ShardId, undefined), 2);
    const after = first.records.at(-1)?.dynamodb.SequenceNumber;
    const rest = await client.records(await client.iterator(arn, shard!.ShardId, after), 2);

    expect(first.records.map((each) => each.dynamodb['Keys'])).toEqual([
      { pk: { S: '0' }, sk: { S: 's' } },
      { pk: { S: '1' }, sk: { S: 's' } },
    ]);
    expect(rest.records.length).toBe(1);
    await expect(
      client.shards('arn:aws:dynamodb:eu-west-1:000000000000:table/none/stream/1'),
    ).rejects.toThrow('DescribeStream: ');
  } finally {
    await dynamo.close();
  }
});
