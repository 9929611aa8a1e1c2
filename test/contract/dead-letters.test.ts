import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqsQueueDepths } from '#shared/adapters/aws/queue-depths.ts';
import {
  listLetters,
  redriveLetters,
  showLetters,
  type Queues as Target,
} from '../../cli/ops/dead-letters.ts';
import { startQueues, type Queues } from '../support/queues.ts';

let queues: Queues;
let target: Target;

beforeAll(async () => {
  queues = await startQueues();
  target = { client: queues.client, name: 'acme' };
  const letters = await queues.createQueue('acme-check-dead-letters');
  await queues.createQueue('acme-publish-dead-letters.fifo', { FifoQueue: 'true' });
  await queues.createQueue('acme-outbox-failures');
  const undelivered = await queues.createQueue('acme-webhook-undelivered');
  await queues.createQueue('acme-webhook');
  await queues.createQueue('other-check-dead-letters');
  const redrive = JSON.stringify({
    deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:acme-check-dead-letters',
    maxReceiveCount: 5,
  });
  await queues.createQueue('acme-check', { RedrivePolicy: redrive });
  for (const [url, body] of [
    [letters, 'a check'],
    [undelivered, 'an event'],
  ] as const) {
    await queues.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  }
});
afterAll(() => queues.close());

describe('npm run ops -- dead-letters', () => {
  test('lists the queues of the deployment that people empty, with their messages', async () => {
    expect(await listLetters(target)).toEqual([
      { queue: 'check-dead-letters', messages: 1 },
      { queue: 'outbox-failures', messages: 0 },
      { queue: 'publish-dead-letters.fifo', messages: 0 },
      { queue: 'webhook-undelivered', messages: 1 },
    ]);
  });

  test('shows messages, which stay', async () => {
    for (const _ of [1, 2]) {
      expect(await showLetters('check-dead-letters', target)).toMatchObject([{ Body: 'a check' }]);
    }
  });

  test('sends what was not delivered to the queue of its name', async () => {
    await redriveLetters('webhook-undelivered', undefined, target);

    const depths = sqsQueueDepths(queues.client);
    await expect.poll(() => depths.of('acme-webhook'), { timeout: 20_000 }).toBe(1);
    expect(await depths.of('acme-webhook-undelivered')).toBe(0);
  });

  test('sends no call back to a queue, since none takes it', async () => {
    await expect(redriveLetters('outbox-failures', undefined, target)).rejects.toThrow(
      'which no queue takes',
    );
  });

  test('says where there is no such queue', async () => {
    await expect(showLetters('nothing', target)).rejects.toThrow('There is no queue acme-nothing');
  });
});

test('the depth of a queue that is not there is an error', async () => {
  await expect(sqsQueueDepths(queues.client).of('acme-nothing')).rejects.toThrow(/exist/i);
});
