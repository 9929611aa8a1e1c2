import { createHash } from 'node:crypto';
import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { ReceiveMessageCommandInput, SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import type { Sqs } from '../../../local/aws/sqs.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  refusal,
  REGION,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

let stateDir: string;
let sqs: Sqs;
let gateway: Gateway;
let client: SQSClient;
let time: number;

async function start(): Promise<void> {
  sqs = createSqs({ stateDir, region: REGION, accountId: ACCOUNT, now: () => time });
  gateway = await gatewayFor({ sqs: sqs.handle });
  client = new SQSClient(clientConfig(gateway));
}
async function stop(): Promise<void> {
  client.destroy();
  await gateway.close();
  sqs.close();
}
beforeEach(async () => {
  stateDir = temporaryDirectory();
  time = 1_800_000_000_000;
  await start();
});
afterEach(async () => {
  await stop();
  remove(stateDir);
});

const arn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
const urlOf = (name: string): string => `${gateway.url}/${ACCOUNT}/${name}`;
async function create(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const made = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return made.QueueUrl!;
}
const send = (name: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody, ...more }));
const receive = async (name: string, more: Partial<ReceiveMessageCommandInput> = {}) => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: urlOf(name), MaxNumberOfMessages: 10, ...more }),
  );
  return Messages;
};
const bodies = async (name: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await receive(name, more)).map(({ Body }) => Body);
const attributes = async (name: string, ...AttributeNames: string[]) =>
  (
    await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: urlOf(name),
        AttributeNames: AttributeNames as 'All'[],
      }),
    )
  ).Attributes;

describe('queues', () => {
  test('are made, found, listed, changed and deleted', async () => {
    const url = await create('mail', { VisibilityTimeout: '90' });
    expect(await create('mail', { VisibilityTimeout: '90' })).toBe(url);
    await create('other');
    const found = await client.send(new GetQueueUrlCommand({ QueueName: 'mail' }));
    expect(found.QueueUrl).toBe(url);
    const listed = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'ma' }));
    expect(listed.QueueUrls).toEqual([url]);
    await client.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '3' } }),
    );
    expect(await attributes('mail', 'All')).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      CreatedTimestamp: '1800000000',
      DelaySeconds: '3',
      LastModifiedTimestamp: '1800000000',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: arn('mail'),
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '90',
    });
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    const gone = client.send(new GetQueueUrlCommand({ QueueName: 'mail' }));
    await expect(gone).rejects.toThrow(QueueDoesNotExist);
    await expect(gone).rejects.toMatchObject({
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  test('that are FIFO say so', async () => {
    await create('q.fifo', { FifoQueue: 'true', DeduplicationScope: 'messageGroup' });
    expect(await attributes('q.fifo', 'FifoQueue', 'DeduplicationScope', 'RedrivePolicy')).toEqual({
      FifoQueue: 'true',
      DeduplicationScope: 'messageGroup',
    });
  });

  test('are purged', async () => {
    await create('q');
    await send('q', 'x');
    await client.send(new PurgeQueueCommand({ QueueUrl: urlOf('q') }));
    expect(await bodies('q')).toEqual([]);
    const again = client.send(new PurgeQueueCommand({ QueueUrl: urlOf('q') }));
    expect((await refusal(again)).name).toBe('PurgeQueueInProgress');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a b', {}, 'InvalidParameterValue'],
    ['a'.repeat(81), {}, 'InvalidParameterValue'],
    ['q.fifo', {}, 'InvalidParameterValue'],
    ['q', { FifoQueue: 'true' }, 'InvalidParameterValue'],
    ['q', { FifoQueue: 'false' }, 'InvalidAttributeValue'],
    ['q', { ContentBasedDeduplication: 'true' }, 'InvalidAttributeName'],
    ['q', { Unknown: '1' }, 'InvalidAttributeName'],
    ['q', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
    ['q', { DelaySeconds: '901' }, 'InvalidAttributeValue'],
    ['q', { ReceiveMessageWaitTimeSeconds: '21' }, 'InvalidAttributeValue'],
    ['q', { MessageRetentionPeriod: '59' }, 'InvalidAttributeValue'],
    ['q', { MessageRetentionPeriod: '1209601' }, 'InvalidAttributeValue'],
    ['q', { MaximumMessageSize: '1048577' }, 'InvalidAttributeValue'],
    ['q', { RedrivePolicy: '{}' }, 'InvalidAttributeValue'],
    [
      'q',
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'x', maxReceiveCount: 1 }) },
      'InvalidParameterValue',
    ],
    ['q.fifo', { FifoQueue: 'true', DeduplicationScope: 'all' }, 'InvalidAttributeValue'],
    [
      'q.fifo',
      { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' },
      'InvalidAttributeValue',
    ],
    ['there', { VisibilityTimeout: '1' }, 'QueueNameExists'],
  ])('%s with %o is refused', async (name, given, code) => {
    await create('there');
    expect((await refusal(create(name, given))).name).toBe(code);
  });
});

const part = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);

describe('a message', () => {
  beforeEach(() => create('q'));

  test('is received with what it was sent with, its checksums and its history', async () => {
    const sent = await send('q', 'hällo', {
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'x' },
        raw: { DataType: 'Binary.gzip', BinaryValue: Buffer.from([0, 255]) },
        size: { DataType: 'Number', StringValue: '-1.5' },
      },
      MessageGroupId: 'tenant',
    });
    const md5 = createHash('md5').update('hällo').digest('hex');
    expect(sent).toMatchObject({ MD5OfMessageBody: md5 });
    expect(sent.SequenceNumber).toBeUndefined();
    time += 1000;
    const [message] = await receive('q', {
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    expect(message).toEqual({
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String) as string,
      Body: 'hällo',
      MD5OfBody: md5,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: {
        ApproximateFirstReceiveTimestamp: '1800000001000',
        ApproximateReceiveCount: '1',
        MessageGroupId: 'tenant',
        SenderId: ACCOUNT,
        SentTimestamp: '1800000000000',
      },
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'x' },
        raw: { DataType: 'Binary.gzip', BinaryValue: Uint8Array.from([0, 255]) },
        size: { DataType: 'Number', StringValue: '-1.5' },
      },
    });
  });

  test('has the checksum of its attributes that AWS has', async () => {
    // The MD5 is of the length-prefixed parts, by hand.
    const expected = createHash('md5')
      .update(Buffer.concat([part('a'), part('String'), Buffer.of(1), part('1')]))
      .update(Buffer.concat([part('b'), part('Binary'), Buffer.of(2), part('xy')]))
      .digest('hex');
    const { MD5OfMessageAttributes } = await send('q', 'x', {
      MessageAttributes: {
        b: { DataType: 'Binary', BinaryValue: Buffer.from('xy') },
        a: { DataType: 'String', StringValue: '1' },
      },
    });
    expect(MD5OfMessageAttributes).toBe(expected);
  });

  test('is given without attributes that were not asked for', async () => {
    await send('q', 'x', {
      MessageAttributes: {
        'a.b': { DataType: 'String', StringValue: '1' },
        c: { DataType: 'String', StringValue: '2' },
      },
    });
    const [message] = await receive('q', {
      MessageAttributeNames: ['a.*'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['a.b']);
    expect(message?.Attributes).toEqual({ SentTimestamp: '1800000000000' });
  });

  test.each<[string, Partial<SendMessageCommandInput>, string]>([
    ['no body', { MessageBody: undefined }, 'MissingParameter'],
    ['an empty body', { MessageBody: '' }, 'MissingParameter'],
    ['a character that XML does not have', { MessageBody: '\u0008' }, 'InvalidMessageContents'],
    ['half a character', { MessageBody: '\uD800' }, 'InvalidMessageContents'],
    ['no character at all', { MessageBody: '\uFFFF' }, 'InvalidMessageContents'],
    ['more than 1 MiB', { MessageBody: 'ü'.repeat(524_289) }, 'InvalidParameterValue'],
    ['a delay of 901 s', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['half a second of delay', { DelaySeconds: 0.5 }, 'InvalidParameterValue'],
    ['a deduplication id', { MessageDeduplicationId: 'x' }, 'InvalidParameterValue'],
    ['a group with a space', { MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    [
      'an attribute of no type',
      { MessageAttributes: { a: { DataType: 'Text', StringValue: '1' } } },
      'InvalidParameterValue',
    ],
    [
      'a number that is none',
      { MessageAttributes: { a: { DataType: 'Number', StringValue: 'one' } } },
      'InvalidParameterValue',
    ],
    [
      'an attribute under a name of AWS',
      { MessageAttributes: { 'aws.a': { DataType: 'String', StringValue: '1' } } },
      'InvalidParameterValue',
    ],
    [
      'eleven attributes',
      {
        MessageAttributes: Object.fromEntries(
          Array.from({ length: 11 }, (_, index) => [
            `a${index}`,
            { DataType: 'String', StringValue: '1' },
          ]),
        ),
      },
      'InvalidParameterValue',
    ],
    [
      'system attributes, which the stand-in has not',
      {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'x' } },
      },
      'InvalidParameterValue',
    ],
  ])('with %s is refused', async (_what, more, code) => {
    expect((await refusal(send('q', 'x', more))).name).toBe(code);
    expect(await bodies('q')).toEqual([]);
  });

  test('of 1 MiB is taken, emoji and line ends too', async () => {
    const body = '\t\r\n😀'.padEnd(1_048_576 - 4, 'x');
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_048_576);
    await send('q', body);
    expect(await bodies('q')).toEqual([body]);
  });
});

const sendBatch = (entries: { Id: string; MessageBody?: string; DelaySeconds?: number }[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: urlOf('q'),
      Entries: entries.map((entry) => ({ MessageBody: entry.Id, ...entry })),
    }),
  );

describe('a batch', () => {
  beforeEach(() => create('q'));
  test('is sent, changed and deleted, each entry by itself', async () => {
    const sent = await sendBatch([{ Id: 'a' }, { Id: 'b', DelaySeconds: 901 }, { Id: 'c' }]);
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toEqual([
      {
        Id: 'b',
        SenderFault: true,
        Code: 'InvalidParameterValue',
        Message: expect.stringContaining('Must be between 0 and 900') as string,
      },
    ]);
    const [a, c] = await receive('q');
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: urlOf('q'),
        Entries: [
          { Id: 'a', ReceiptHandle: a?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'x', ReceiptHandle: 'none', VisibilityTimeout: 0 },
        ],
      }),
    );
    expect(changed.Successful).toEqual([{ Id: 'a' }]);
    expect(changed.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await bodies('q')).toEqual(['a']);
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: urlOf('q'),
        Entries: [{ Id: 'c', ReceiptHandle: c?.ReceiptHandle }],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: 'c' }]);
    expect(await attributes('q', 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '1',
    });
  });

  test.each<[string, { Id: string; MessageBody?: string }[], string]>([
    ['nothing', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, index) => ({ Id: String(index) })),
      'TooManyEntriesInBatchRequest',
    ],
    ['an id twice', [{ Id: 'a' }, { Id: 'a' }], 'BatchEntryIdsNotDistinct'],
    ['an id that is none', [{ Id: 'a b' }], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB together',
      ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: 'x'.repeat(400_000) })),
      'BatchRequestTooLong',
    ],
  ])('of %s is refused', async (_what, entries, code) => {
    expect((await refusal(sendBatch(entries))).name).toBe(code);
  });
});

describe('a FIFO queue', () => {
  beforeEach(() => create('q.fifo', { FifoQueue: 'true' }));

  test('gives its messages in order, with numbers that grow', async () => {
    const numbers: string[] = [];
    for (const id of ['1', '2']) {
      const { SequenceNumber } = await send('q.fifo', id, {
        MessageGroupId: 'g',
        MessageDeduplicationId: id,
      });
      numbers.push(SequenceNumber!);
    }
    expect(numbers.toSorted()).toEqual(numbers);
    const [first, second] = await receive('q.fifo', { MessageSystemAttributeNames: ['All'] });
    expect(first?.Attributes).toMatchObject({
      MessageGroupId: 'g',
      MessageDeduplicationId: '1',
      SequenceNumber: numbers[0],
    });
    expect(second?.Body).toBe('2');
  });

  test.each<[string, Partial<SendMessageCommandInput>, string]>([
    ['no group', { MessageDeduplicationId: 'x' }, 'MissingParameter'],
    ['no deduplication id', { MessageGroupId: 'g' }, 'InvalidParameterValue'],
    [
      'a delay of its own',
      { MessageGroupId: 'g', MessageDeduplicationId: 'x', DelaySeconds: 1 },
      'InvalidParameterValue',
    ],
  ])('refuses a message with %s', async (_what, more, code) => {
    expect((await refusal(send('q.fifo', 'x', more))).name).toBe(code);
  });
});

describe('a receive', () => {
  beforeEach(() => create('q', { VisibilityTimeout: '30' }));

  test('waits for a message that is sent meanwhile', async () => {
    const waiting = bodies('q', { WaitTimeSeconds: 20 });
    await send('q', 'x');
    expect(await waiting).toEqual(['x']);
  });

  test('waits for a delayed message that is sent meanwhile, no longer than its delay', async () => {
    const waiting = bodies('q', { WaitTimeSeconds: 20 });
    await send('q', 'delayed', { DelaySeconds: 1 });
    time += 1_000;
    expect(await waiting).toEqual(['delayed']);
  }, 10_000);

  test('waits for what becomes visible, by the clock that the queues go by', async () => {
    await send('q', 'delayed', { DelaySeconds: 900 });
    const waiting = bodies('q', { WaitTimeSeconds: 20 });
    await expect.poll(() => sqs.inspect('q')?.delayed).toHaveLength(1);
    // Both the delay and the wait are over; the message is there first.
    time += 900_000;
    sqs.tick();
    expect(await waiting).toEqual(['delayed']);
  });

  test('ends without messages when its time is over, the queue’s where it has none', async () => {
    await client.send(
      new SetQueueAttributesCommand({
        QueueUrl: urlOf('q'),
        Attributes: { ReceiveMessageWaitTimeSeconds: '1' },
      }),
    );
    const since = performance.now();
    const waiting = bodies('q');
    setTimeout(() => {
      time += 1000;
    }, 500);
    expect(await waiting).toEqual([]);
    expect(performance.now() - since).toBeGreaterThan(990);
    time += 1;
    expect(await bodies('q', { WaitTimeSeconds: 0 })).toEqual([]);
  });

  test('that no client waits for any more takes no message', async () => {
    const given = new AbortController();
    const waiting = client.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf('q'), WaitTimeSeconds: 20 }),
      { abortSignal: given.signal },
    );
    setTimeout(() => given.abort(), 200);
    expect((await refusal(waiting)).name).toBe('AbortError');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send('q', 'x');
    expect(sqs.inspect('q')?.visible).toHaveLength(1);
  });

  test('of several that wait, each gets its own message', async () => {
    const waiting = [1, 2, 3].map(() =>
      bodies('q', { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 }),
    );
    for (const body of ['a', 'b', 'c']) await send('q', body);
    expect(new Set((await Promise.all(waiting)).flat())).toEqual(new Set(['a', 'b', 'c']));
  });

  test.each<[Partial<ReceiveMessageCommandInput>, RegExp]>([
    [{ MaxNumberOfMessages: 11 }, /Value 11 for parameter MaxNumberOfMessages is invalid/],
    [{ MaxNumberOfMessages: 0 }, /Must be between 1 and 10, if provided/],
    [{ WaitTimeSeconds: 21 }, /WaitTimeSeconds/],
    [{ VisibilityTimeout: 43_201 }, /VisibilityTimeout/],
    [{ MessageSystemAttributeNames: ['None' as 'All'] }, /MessageSystemAttributeNames/],
    [{ ReceiveRequestAttemptId: 'x' }, /does not support ReceiveRequestAttemptId/],
  ])('with %o is refused', async (more, message) => {
    expect(await refusal(receive('q', more))).toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringMatching(message) as string,
    });
  });

  test('gives a handle that deletes the message, and changes its visibility', async () => {
    await send('q', 'x');
    const [message] = await receive('q');
    const of = { QueueUrl: urlOf('q'), ReceiptHandle: message?.ReceiptHandle };
    await client.send(new ChangeMessageVisibilityCommand({ ...of, VisibilityTimeout: 60 }));
    time += 59_000;
    expect(await bodies('q')).toEqual([]);
    await client.send(new DeleteMessageCommand(of));
    time += 1000;
    expect(await bodies('q')).toEqual([]);
    const other = client.send(new DeleteMessageCommand({ ...of, ReceiptHandle: 'any' }));
    expect((await refusal(other)).name).toBe('ReceiptHandleIsInvalid');
  });
});

describe('dead letters', () => {
  beforeEach(async () => {
    await create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 });
    await create('q', { VisibilityTimeout: '0', RedrivePolicy });
    await send('q', 'x');
    for (let count = 0; count < 3; count += 1) await receive('q');
  });

  test('say where they come from, and reach who waits for them', async () => {
    await send('q', 'y');
    const [message] = await receive('dead', { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'x',
      Attributes: { DeadLetterQueueSourceArn: arn('q'), ApproximateReceiveCount: '3' },
    });
    const sources = await client.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: urlOf('dead') }),
    );
    expect(sources.queueUrls).toEqual([urlOf('q')]);
    const waiting = bodies('dead', { WaitTimeSeconds: 20 });
    for (let count = 0; count < 3; count += 1) await receive('q');
    expect(await waiting).toEqual(['y']);
  });

  test('are moved back by a task that goes on after a restart', async () => {
    await send('dead', 'of nobody');
    const { TaskHandle } = await client.send(
      new StartMessageMoveTaskCommand({
        SourceArn: arn('dead'),
        DestinationArn: arn('q'),
        MaxNumberOfMessagesPerSecond: 1,
      }),
    );
    const list = async () =>
      (await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }))).Results;
    expect(await list()).toEqual([
      {
        TaskHandle,
        Status: 'RUNNING',
        SourceArn: arn('dead'),
        DestinationArn: arn('q'),
        MaxNumberOfMessagesPerSecond: 1,
        ApproximateNumberOfMessagesMoved: 1,
        ApproximateNumberOfMessagesToMove: 2,
        StartedTimestamp: time,
      },
    ]);
    await stop();
    time += 5000;
    await start();
    expect(await bodies('q')).toEqual(['x', 'of nobody']);
    expect(await list()).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 },
    ]);
    const cancel = client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect((await refusal(cancel)).name).toBe('UnsupportedOperation');
  });
});

describe('the stand-in', () => {
  test('keeps its queues, messages and deduplication ids', async () => {
    await create('q', { VisibilityTimeout: '30' });
    await create('q.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await send('q', 'in flight', {
      MessageAttributes: { a: { DataType: 'String', StringValue: '1' } },
    });
    const [inFlight] = await receive('q');
    await send('q', 'delayed', { DelaySeconds: 60 });
    await send('q', 'visible', { MessageGroupId: 'tenant' });
    const { MessageId } = await send('q.fifo', 'x', { MessageGroupId: 'g' });
    const [gone] = await receive('q.fifo');
    await client.send(
      new DeleteMessageCommand({
        QueueUrl: urlOf('q.fifo'),
        ReceiptHandle: gone?.ReceiptHandle,
      }),
    );
    const before = [sqs.inspect('q'), await attributes('q', 'All')];
    await stop();
    await start();
    expect([sqs.inspect('q'), await attributes('q', 'All')]).toEqual(before);
    expect(await bodies('q')).toEqual(['visible']);
    expect((await send('q.fifo', 'x', { MessageGroupId: 'g' })).MessageId).toBe(MessageId);
    expect(await bodies('q.fifo')).toEqual([]);
    sqs.releaseInFlight();
    await client.send(
      new DeleteMessageCommand({
        QueueUrl: urlOf('q'),
        ReceiptHandle: inFlight?.ReceiptHandle,
      }),
    );
    expect(sqs.inspect('q')).toMatchObject({
      visible: [{ body: 'visible', groupId: 'tenant', receiveCount: 1 }],
      delayed: [{ body: 'delayed' }],
      inFlight: [],
    });
  });

  test('answers what it does not know with an error', async () => {
    await create('q');
    const tags = client.send(new ListQueueTagsCommand({ QueueUrl: urlOf('q') }));
    expect(await refusal(tags)).toEqual({
      name: 'UnknownOperationException',
      message: 'The SQS stand-in has no ListQueueTags.',
    });
    const tagged = client.send(new CreateQueueCommand({ QueueName: 'r', tags: { a: 'b' } }));
    expect((await refusal(tagged)).message).toBe('The stand-in does not support tags.');
    const all = Object.entries({ 'no queue': undefined, none: urlOf('none') });
    for (const [, QueueUrl] of all) {
      const sent = client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
      expect((await refusal(sent)).name).toMatch(/^(MissingParameter|QueueDoesNotExist)$/);
    }
    expect(sqs.inspect('none')).toBeUndefined();
  });

  test('takes a thousand sends a second and more, each on disk before it says yes', async () => {
    await create('q');
    const since = performance.now();
    const all = Array.from({ length: 2000 }, (_, index) => sqs.send('q', String(index)));
    await Promise.all(all);
    expect(performance.now() - since).toBeLessThan(2000);
    await stop();
    await start();
    expect(sqs.inspect('q')?.visible).toHaveLength(2000);
  });
});
