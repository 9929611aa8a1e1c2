import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  type BatchGetCommandInput,
  type BatchGetCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import {
  batchGet,
  conditionally,
  transact,
  type TransactWrite,
} from '#shared/adapters/aws/dynamo.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';

const metadata = { $metadata: {}, message: 'refused' };
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    ...metadata,
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
const named = (name: string) => Object.assign(new Error('aws says so'), { name });

/** A client that answers calls by what the test gives; each call's input is kept. */
function givenClient(answer: (input: never, call: number) => unknown) {
  const inputs: unknown[] = [];
  const client = Object.assign(Object.create(DynamoDBDocumentClient.prototype), {
    async send({ input }: { input: never }) {
      inputs.push(input);
      const given = answer(input, inputs.length);
      if (given instanceof Error) throw given;
      return given;
    },
  }) as DynamoDBDocumentClient;
  return { client, inputs };
}

const writes: TransactWrite[] = [
  { Delete: { TableName: 't', Key: { pk: 'a' } } },
  { Delete: { TableName: 't', Key: { pk: 'b' } } },
];

describe('transact', () => {
  test('a transaction that met another one is tried again', async () => {
    const { client, inputs } = givenClient((_, call) =>
      call < 4 ? cancelled('None', 'TransactionConflict') : {},
    );
    await transact(client, 'it', writes);
    expect(inputs).toHaveLength(4);
    expect(inputs[0]).toEqual({ TransactItems: writes });
  });

  test('ten times at most; then it is busy', async () => {
    const { client, inputs } = givenClient(() => cancelled('TransactionConflict', 'None'));
    await expect(transact(client, 'it', writes)).rejects.toMatchObject({
      code: 'busy',
      retryAfter: 1,
    });
    expect(inputs).toHaveLength(10);
  });

  test('a condition that did not hold is a Conflict, or what the caller makes of it', async () => {
    const { client, inputs } = givenClient(() => cancelled('None', 'ConditionalCheckFailed'));
    const failures: (readonly number[])[] = [];
    await expect(
      transact(client, 'it', writes, (failed) => failures.push(failed)),
    ).rejects.toBeInstanceOf(Conflict);
    expect(failures).toEqual([[1]]);
    const mine = new Error('mine');
    await expect(
      transact(client, 'it', writes, () => {
        throw mine;
      }),
    ).rejects.toBe(mine);
    expect(inputs).toHaveLength(2);
  });

  test('throttling is reported as such, anything else as it came', async () => {
    const throttled = givenClient(() => cancelled('None', 'ThrottlingError')).client;
    await expect(transact(throttled, 'it', writes)).rejects.toBeInstanceOf(Throttled);
    const invalid = givenClient(() => cancelled('ValidationError', 'None')).client;
    await expect(transact(invalid, 'it', writes)).rejects.toBeInstanceOf(
      TransactionCanceledException,
    );
    const denied = givenClient(() => named('AccessDeniedException')).client;
    await expect(transact(denied, 'it', writes)).rejects.toThrow('aws says so');
  });
});

describe('conditionally', () => {
  test.each([
    [new ConditionalCheckFailedException(metadata), Conflict],
    [named('TransactionConflictException'), Conflict],
    [cancelled('ConditionalCheckFailed'), Conflict],
    [named('ThrottlingException'), Throttled],
    [named('ProvisionedThroughputExceededException'), Throttled],
    [named('ResourceNotFoundException'), Error],
  ])('%s', async (error, type) => {
    const outcome = conditionally('it', () => Promise.reject(error));
    await expect(outcome).rejects.toBeInstanceOf(type);
    if (type === Error)
      await expect(conditionally('it', () => Promise.reject(error))).rejects.toBe(error);
  });

  test('gives what the write gives', async () => {
    expect(await conditionally('it', async () => 7)).toBe(7);
  });
});

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ pk: `k${from + index}` }));

/** Answers the first `most` keys of each call and leaves the others unprocessed. */
const answering =
  (most: number) =>
  ({ RequestItems = {} }: BatchGetCommandInput): Partial<BatchGetCommandOutput> => {
    const asked = RequestItems['t']?.Keys ?? [];
    return {
      Responses: { t: asked.slice(0, most) },
      UnprocessedKeys: asked.length > most ? { t: { Keys: asked.slice(most) } } : {},
    };
  };

describe('batchGet', () => {
  test('reads each key once, a hundred to a call', async () => {
    const { client, inputs } = givenClient(answering(100));
    const items = await batchGet(client, 't', [...keys(0, 150), ...keys(0, 10)], {
      consistent: true,
    });
    expect(items).toEqual(keys(0, 150));
    expect(inputs.map((input) => (input as BatchGetCommandInput).RequestItems?.['t'])).toEqual([
      { Keys: keys(0, 100), ConsistentRead: true },
      { Keys: keys(100, 150), ConsistentRead: true },
    ]);
  });

  test('asks again for what was left unprocessed', async () => {
    const { client, inputs } = givenClient(answering(3));
    expect(await batchGet(client, 't', keys(0, 8), { consistent: false })).toEqual(keys(0, 8));
    expect(inputs).toHaveLength(3);
  });

  test('does not ask for ever', async () => {
    const { client, inputs } = givenClient(answering(0));
    await expect(batchGet(client, 't', keys(0, 1), { consistent: true })).rejects.toBeInstanceOf(
      Throttled,
    );
    expect(inputs).toHaveLength(8);
  });

  test('asks nothing for no keys', async () => {
    const { client, inputs } = givenClient(answering(1));
    expect(await batchGet(client, 't', [], { consistent: true })).toEqual([]);
    expect(inputs).toEqual([]);
  });
});
