import { beforeEach, describe, expect, test } from 'vitest';
import { MoveTasks } from '../../../local/aws/sqs-moves.ts';
import type { MoveTask } from '../../../local/aws/sqs-moves.ts';
import { QueuesHarness } from './sqs-harness.ts';

let harness: QueuesHarness;
beforeEach(() => {
  harness = new QueuesHarness();
});
const after = (milliseconds: number): void => {
  harness.now += milliseconds;
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
};

test('messages of a standard queue come twice and late, those of a FIFO queue never do', () => {
  harness = new QueuesHarness({ isDoubled: () => true, lateBy: () => 1_000 });
  harness.create('q');
  harness.create('q.fifo');
  harness.send('q', 'x');
  harness.send('q.fifo', 'x', 'g');
  expect(harness.bodies('q')).toEqual([]);
  expect(harness.bodies('q.fifo')).toEqual(['x']);
  after(1_000);
  expect(harness.bodies('q')).toEqual(['x', 'x']);
});

describe('a standard queue', () => {
  beforeEach(() => harness.create('q', { VisibilityTimeout: '30', DelaySeconds: '5' }));

  test('holds a message back for the queue’s delay, or for its own', () => {
    harness.send('q', 'queue');
    harness.send('q', 'own', undefined, 0);
    harness.send('q', 'longer', undefined, 900_000);
    expect(harness.bodies('q')).toEqual(['own']);
    after(5000);
    expect(harness.bodies('q')).toEqual(['queue']);
    after(895_000);
    expect(harness.bodies('q')).toContain('longer');
  });

  test('counts receives, and says when the first one was', () => {
    harness.send('q', 'x', undefined, 0);
    const first = harness.now;
    expect(harness.receive('q')).toMatchObject([{ receiveCount: 1, firstReceivedAt: first }]);
    after(30_000);
    expect(harness.receive('q')).toMatchObject([{ receiveCount: 2, firstReceivedAt: first }]);
  });

  test('takes a late deletion, as long as no consumer has received the message since', () => {
    harness.send('q', 'x', undefined, 0);
    const [late] = harness.receive('q');
    after(30_000);
    const [again] = harness.receive('q');
    harness.delete('q', late!);
    expect(harness.all('q')).toEqual(['x']);
    after(30_000);
    harness.delete('q', again!);
    expect(harness.all('q')).toEqual([]);
    harness.delete('q', again!);
  });

  test('changes the visibility of what is in flight, and of nothing else', () => {
    harness.send('q', 'x', undefined, 0);
    const [message] = harness.receive('q');
    harness.changeVisibility('q', message!, 60_000);
    after(59_999);
    expect(harness.bodies('q')).toEqual([]);
    after(1);
    expect(codeOf(() => harness.changeVisibility('q', message!, 0))).toBe('MessageNotInflight');
    const [again] = harness.receive('q');
    harness.changeVisibility('q', again!, 0);
    expect(harness.bodies('q')).toEqual(['x']);
    expect(codeOf(() => harness.changeVisibility('q', again!, 0))).toBe('InvalidParameterValue');
  });

  test('drops what is older than its retention period, in flight or not', () => {
    harness.queues.setAttributes('q', { MessageRetentionPeriod: '60' }, harness.now);
    harness.send('q', 'in flight', undefined, 0);
    harness.receive('q', 1, 600_000);
    harness.send('q', 'waits', undefined, 0);
    after(30_000);
    harness.send('q', 'newer', undefined, 0);
    after(30_000);
    expect(harness.all('q')).toEqual(['newer']);
  });

  test('is purged at most once a minute', () => {
    harness.send('q', 'x');
    harness.queues.purge('q', harness.now);
    expect(harness.all('q')).toEqual([]);
    expect(codeOf(() => harness.queues.purge('q', harness.now))).toBe('PurgeQueueInProgress');
    after(60_000);
    harness.queues.purge('q', harness.now);
  });

  test('has at most 120,000 messages in flight', () => {
    for (let count = 0; count < 120_001; count += 1) harness.send('q', 'x', undefined, 0);
    expect(harness.receive('q', 120_001)).toHaveLength(120_000);
    expect(codeOf(() => harness.receive('q'))).toBe('OverLimit');
  });
});

describe('a FIFO queue', () => {
  test('takes a repetition within five minutes for the message that it repeats', () => {
    harness.create('q.fifo');
    const id = harness.send('q.fifo', 'x', 'g');
    after(299_999);
    expect(harness.send('q.fifo', 'x', 'h')).toBe(id);
    const [message] = harness.receive('q.fifo');
    harness.delete('q.fifo', message!);
    expect(harness.send('q.fifo', 'x', 'g')).toBe(id);
    expect(harness.all('q.fifo')).toEqual([]);
    after(1);
    expect(harness.send('q.fifo', 'x', 'g')).not.toBe(id);
    expect(harness.all('q.fifo')).toEqual(['x']);
  });

  test('finds repetitions group by group where its scope says so', () => {
    harness.create('q.fifo', {
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    const id = harness.send('q.fifo', 'x', 'g');
    expect(harness.send('q.fifo', 'x', 'h')).not.toBe(id);
    expect(harness.send('q.fifo', 'x', 'g')).toBe(id);
  });

  test('finds repetitions by the body where it is content-based', () => {
    harness.create('q.fifo', { ContentBasedDeduplication: 'true' });
    const send = (body: string) =>
      harness.queues.send('q.fifo', { body, attributes: {}, groupId: 'g' }, {}, harness.now);
    const first = send('x');
    expect(send('x')).toMatchObject({ messageId: first.messageId, sequence: first.sequence });
    expect(send('y').messageId).not.toBe(first.messageId);
    expect(harness.receive('q.fifo')[0]!.deduplicationId).toMatch(/^[0-9a-f]{64}$/);
  });

  test('gives several messages of a group at once, oldest group first', () => {
    harness.create('q.fifo');
    for (const [group, body] of ['a1', 'b1', 'a2', 'c1', 'b2'].map((each) => [each[0], each])) {
      harness.send('q.fifo', body!, group);
    }
    expect(harness.bodies('q.fifo', 4)).toEqual(['a1', 'a2', 'b1', 'b2']);
    harness.send('q.fifo', 'a3', 'a');
    expect(harness.bodies('q.fifo')).toEqual(['c1']);
  });

  test('goes on with a group when one of its messages is a dead letter', () => {
    harness.create('dead.fifo');
    harness.createWithDeadLetters('q.fifo', 'dead.fifo', 1);
    for (const body of ['1', '2']) harness.send('q.fifo', body, 'g');
    expect(harness.bodies('q.fifo', 1)).toEqual(['1']);
    after(30_000);
    expect(harness.bodies('q.fifo')).toEqual(['2']);
    expect(harness.all('dead.fifo')).toEqual(['1']);
  });

  test('does not take the deletion of what is not in flight any more', () => {
    harness.create('q.fifo');
    harness.send('q.fifo', 'x', 'g');
    const [message] = harness.receive('q.fifo');
    after(30_000);
    expect(codeOf(() => harness.delete('q.fifo', message!))).toBe('InvalidParameterValue');
    expect(harness.all('q.fifo')).toEqual(['x']);
  });
});

describe('a move task', () => {
  let tasks: MoveTasks;
  let kept: MoveTask[];
  beforeEach(() => {
    kept = [];
    tasks = new MoveTasks(harness.queues, (task) => kept.push(task));
    harness.create('dead');
    harness.create('other');
    harness.createWithDeadLetters('q', 'dead', 1);
    for (const body of ['1', '2', '3', '4']) harness.send('q', body);
    harness.receive('q', 10, 0);
    harness.receive('q');
    after(1000);
  });
  const start = (more: { destinationArn?: string; messagesPerSecond?: number } = {}): string =>
    tasks.start({ sourceArn: harness.arn('dead'), ...more }, 'task', harness.now);

  test('takes dead letters back to where they came from, as new messages', () => {
    const [dead] = harness.queues.named('dead').messages(harness.now);
    start();
    after(1000);
    tasks.step(harness.now);
    expect(harness.all('dead')).toEqual([]);
    expect(harness.all('q')).toEqual(['1', '2', '3', '4']);
    const [back] = harness.queues.named('q').messages(harness.now);
    expect(back).toMatchObject({ receiveCount: 0, sentAt: harness.now });
    expect(back?.id).not.toBe(dead?.id);
    expect(tasks.of(harness.arn('dead'))).toMatchObject([
      { status: 'COMPLETED', moved: 4, toMove: 4 },
    ]);
    expect(kept.at(-1)).toMatchObject({ status: 'COMPLETED' });
  });

  test('moves no more a second than its rate, and stops when it is cancelled', () => {
    const handle = start({ destinationArn: harness.arn('other'), messagesPerSecond: 1 });
    const seen: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      tasks.step(harness.now);
      seen.push(harness.all('other').length);
      after(500);
    }
    expect(seen).toEqual([1, 1, 2, 2, 3]);
    expect(tasks.cancel(handle)).toBe(3);
    after(10_000);
    tasks.step(harness.now);
    expect(harness.all('other')).toEqual(['1', '2', '3']);
    expect(codeOf(() => tasks.cancel(handle))).toBe('UnsupportedOperation');
  });

  test('is the only one of its queue that runs, and needs a dead-letter queue', () => {
    start();
    expect(codeOf(() => start())).toBe('UnsupportedOperation');
    const of = (sourceArn: string, destinationArn?: string) => () =>
      tasks.start({ sourceArn, destinationArn }, 'other', harness.now);
    expect(codeOf(of(harness.arn('q')))).toBe('InvalidParameterValue');
    expect(codeOf(of(harness.arn('none')))).toBe('ResourceNotFoundException');
    expect(codeOf(of(harness.arn('dead'), harness.arn('none')))).toBe('ResourceNotFoundException');
    expect(codeOf(of(harness.arn('dead'), harness.arn('dead')))).toBe('InvalidParameterValue');
  });

  test('fails on a message that is no queue’s dead letter', () => {
    harness.send('dead', 'sent there');
    start();
    after(1000);
    tasks.step(harness.now);
    expect(tasks.of(harness.arn('dead'))).toMatchObject([{ status: 'FAILED', moved: 4 }]);
    expect(harness.all('dead')).toEqual(['sent there']);
  });
});
