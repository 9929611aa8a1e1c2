import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import { MemoryQueue } from '../fakes/queue.ts';
import { startQueues, type Queues } from '../support/queues.ts';

interface Request {
  readonly group: string;
  readonly text: string;
}

interface Harness {
  readonly queue: Queue<Request>;
  /** Takes everything that may be received now. */
  readonly receive: () => Promise<Request[]>;
}

let queues: Queues;
let serial = 0;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(() => queues.close());

function inMemory(fifo: boolean): Harness {
  const queue = new MemoryQueue<Request>({ fifo });
  return { queue, receive: async () => queue.take().map(({ request }) => request) };
}

async function overTheWire(fifo: boolean): Promise<Harness> {
  serial += 1;
  const url = await queues.createQueue(
    `q${serial}${fifo ? '.fifo' : ''}`,
    fifo ? { FifoQueue: 'true' } : {},
  );
  return {
    queue: sqsQueue<Request>(queues.client, url),
    async receive() {
      const received: Request[] = [];
      for (;;) {
        const { Messages } = await queues.client.send(
          new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
        );
        if (Messages === undefined || Messages.length === 0) return received;
        for (const { Body, ReceiptHandle } of Messages) {
          received.push(JSON.parse(Body!) as Request);
          await queues.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    },
  };
}

const requests = (count: number, group = 'g'): Request[] =>
  Array.from({ length: count }, (_, index) => ({ group, text: `${group}${index} "ü" \n` }));
const byText = (a: Request, b: Request) => (a.text < b.text ? -1 : 1);
const group = (request: Request) => request.group;
const textOf = ({ text }: Request) => text;

describe.each<[string, (fifo: boolean) => Harness | Promise<Harness>]>([
  ['in memory', inMemory],
  ['SQS over the wire', overTheWire],
])('Queue: %s', (_name, make) => {
  test('carries all requests, of any number', async () => {
    const { queue, receive } = await make(false);
    await queue.send(requests(23));
    await queue.send([]);

    expect((await receive()).toSorted(byText)).toEqual(requests(23).toSorted(byText));
  });

  test('carries requests that are together larger than a call of SQS', async () => {
    const { queue, receive } = await make(false);
    const large = requests(8).map(({ text }) => ({ group: 'g', text: text.padEnd(250_000, 'x') }));
    await queue.send(large);

    expect((await receive()).toSorted(byText)).toEqual(large);
  });

  test('FIFO: keeps the order of each group', async () => {
    const { queue, receive } = await make(true);
    await queue.send([...requests(12, 'a'), ...requests(3, 'b')], { group });

    const received = await receive();
    expect(received.filter((request) => request.group === 'a')).toEqual(requests(12, 'a'));
    expect(received.filter((request) => request.group === 'b')).toEqual(requests(3, 'b'));
  });

  test('FIFO: never takes two sends of the same request for one by itself', async () => {
    const { queue, receive } = await make(true);
    const [request] = requests(1);
    await queue.send([request!], { group });
    await queue.send([request!, request!], { group });

    expect(await receive()).toEqual([request, request, request]);
  });

  test('FIFO: drops the second send of one deduplication id', async () => {
    const { queue, receive } = await make(true);
    const [first, second, third] = requests(3);
    const deduplicationId = ({ text }: Request) => (text === third!.text ? 'other' : 'same');
    await queue.send([first!], { group, deduplicationId });
    await queue.send([second!, third!], { group, deduplicationId });

    expect(await receive()).toEqual([first, third]);
  });

  test('a standard queue takes groups, and a delay beside them', async () => {
    const { queue, receive } = await make(false);
    await queue.send([...requests(3, 'a'), ...requests(3, 'b')], { group });
    await queue.send(requests(1, 'c'), { group, delaySeconds: 0 });
    expect((await receive()).map(({ text }) => text).toSorted()).toEqual(
      [...requests(3, 'a'), ...requests(3, 'b'), ...requests(1, 'c')].map(({ text }) => text),
    );
  });

  test('refuses a missing group, a deduplication id and a delay where the queue has none', async () => {
    const standard = (await make(false)).queue;
    const fifo = (await make(true)).queue;
    await expect(standard.send(requests(1), { deduplicationId: textOf })).rejects.toThrow(
      TypeError,
    );
    await expect(fifo.send(requests(1))).rejects.toThrow(TypeError);
    await expect(fifo.send(requests(1), { group, delaySeconds: 5 })).rejects.toThrow(TypeError);
  });
});

describe('Queue: SQS over the wire', () => {
  test('holds a delayed request back', async () => {
    const { queue, receive } = await overTheWire(false);
    await queue.send(requests(1), { delaySeconds: 1 });
    expect(await receive()).toEqual([]);
    await sleep(1_200);
    expect(await receive()).toEqual(requests(1));
  });

  test('recognizes a queue that does not exist', async () => {
    const queue = sqsQueue<Request>(queues.client, `${queues.endpoint}/000000000000/none`);
    await expect(queue.send(requests(1))).rejects.toThrow(/exist/i);
  });
});

/** A client whose batches take only what `fails` lets pass, with the answers SQS gives for the rest. */
function scriptedClient(fails: (text: string, attempt: number) => 'sender' | 'receiver' | false) {
  const batches: string[][] = [];
  const client: SQSClient = sqsClient({ region: 'eu-west-1' });
  client.middlewareStack.add(
    () => async (args) => {
      const { Entries } = args.input as { Entries: { Id: string; MessageBody: string }[] };
      const texts = Entries.map(({ MessageBody }) => (JSON.parse(MessageBody) as Request).text);
      batches.push(texts);
      const failed = Entries.flatMap(({ Id }, index) => {
        const fault = fails(texts[index]!, batches.length);
        return fault === false
          ? []
          : [{ Id, SenderFault: fault === 'sender', Code: 'Planted', Message: 'so it is' }];
      });
      return { response: {}, output: { $metadata: {}, Successful: [], Failed: failed } };
    },
    { step: 'initialize' },
  );
  return { queue: sqsQueue<Request>(client, 'https://sqs.example/q'), batches };
}

describe('a batch of which SQS takes a part', () => {
  const sent = [
    { group: 'g', text: 'a' },
    { group: 'g', text: 'b' },
    { group: 'g', text: 'c' },
  ];

  test('is sent again for the rest', async () => {
    const { queue, batches } = scriptedClient((text, attempt) =>
      text === 'b' && attempt < 3 ? 'receiver' : false,
    );
    await queue.send(sent);
    expect(batches).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  test('is an error where the rest still fails after eight tries', async () => {
    const { queue, batches } = scriptedClient((text) => (text === 'b' ? 'receiver' : false));
    await expect(queue.send(sent)).rejects.toThrow('https://sqs.example/q: Planted so it is');
    expect(batches).toHaveLength(8);
  });

  test('is an error at once where SQS says that the fault is ours', async () => {
    const { queue, batches } = scriptedClient((text) => (text === 'c' ? 'sender' : false));
    await expect(queue.send(sent)).rejects.toThrow('2 of 3 messages');
    expect(batches).toHaveLength(1);
  });
});
