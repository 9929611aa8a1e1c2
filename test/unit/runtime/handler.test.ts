import type { DynamoDBRecord, SNSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { currentActor } from '#shared/runtime/actor.ts';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import {
  environmentOf,
  listOf,
  messageHandler,
  type ScheduleEvent,
  scheduleHandler,
  sqsHandler,
  streamHandler,
  topicHandler,
} from '#shared/runtime/handler.ts';
import { queueVariable, tableVariable } from '#shared/runtime/variables.ts';
import { givenContext, givenMessages } from '../../fakes/given-messages.ts';

afterEach(() => vi.unstubAllEnvs());

/** Without variables. */
const example = {
  name: 'example',
  description: 'An example',
  wokenBy: { api: true },
} as const satisfies FunctionDeclaration;

describe('the variables of a declaration', () => {
  const declaration = {
    ...example,
    tables: { revokedKeys: ['PutItem'], checks: ['UpdateItem', 'Query due'] },
    sendsTo: ['roll-out'],
    putsEvents: true,
    settings: ['RESOLVERS'],
    optionalSettings: ['UNSIGNED_ALLOWED'],
  } as const satisfies FunctionDeclaration;
  const all = {
    REVOKED_KEYS_TABLE: 'revoked-keys',
    CHECKS_TABLE: 'checks',
    ROLL_OUT_QUEUE_URL: 'https://sqs.example/roll-out',
    EVENT_BUS: 'bus',
    RESOLVERS: '192.0.2.1',
  };
  beforeEach(() => {
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  });

  test('are named after tables and queues', () => {
    expect(tableVariable('revokedKeys')).toBe('REVOKED_KEYS_TABLE');
    expect(queueVariable('roll-out')).toBe('ROLL_OUT_QUEUE_URL');
  });

  test('are read, and no other is', () => {
    vi.stubEnv('CLAIMS_TABLE', 'claims');
    expect(environmentOf(declaration)).toEqual({ ...all, UNSIGNED_ALLOWED: '' });
  });

  test('are what the compiler knows', () => {
    const env = environmentOf(declaration);
    const known: string[] = [env.REVOKED_KEYS_TABLE, env.ROLL_OUT_QUEUE_URL, env.EVENT_BUS];
    // @ts-expect-error -- a table that is not declared
    const table: unknown = env.CLAIMS_TABLE;
    // @ts-expect-error -- a queue that is not declared
    const queue: unknown = env.ROTATION_QUEUE_URL;
    // @ts-expect-error -- a setting that is not declared
    const setting: unknown = env.DEPLOYMENT;
    expect([...known, table, queue, setting].filter(Boolean)).toEqual(known);
  });

  test('that are missing or empty are all named', () => {
    vi.stubEnv('CHECKS_TABLE', undefined);
    vi.stubEnv('RESOLVERS', '');
    expect(() => environmentOf(declaration)).toThrow(
      'missing environment variables: CHECKS_TABLE, RESOLVERS',
    );
  });

  test('that are optional lists may be empty', () => {
    expect(listOf(environmentOf(declaration).UNSIGNED_ALLOWED)).toEqual([]);
    vi.stubEnv('UNSIGNED_ALLOWED', 'a.example,b.example');
    expect(listOf(environmentOf(declaration).UNSIGNED_ALLOWED)).toEqual(['a.example', 'b.example']);
  });

  test('have indexes of their own tables only', () => {
    // @ts-expect-error -- the table of revoked keys has no index `due`
    const wrong: FunctionDeclaration['tables'] = { revokedKeys: ['Query due'] };
    expect(wrong).toBeDefined();
  });
});

describe('the handler of a queue', () => {
  test('hands back the messages that failed, and has its ports and its deadline', async () => {
    const ports = { name: 'ports' };
    const work = vi.fn<
      (given: typeof ports, bodies: readonly string[], deadline: number) => Promise<number[]>
    >(async () => [2, 0]);
    const before = Date.now();
    const answer = await sqsHandler(
      { ...example, reserve: 10 },
      work,
      () => ports,
    )(givenMessages({ a: '1', b: '2', c: '3' }), givenContext());
    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'c' }],
    });
    const [given, bodies, deadline] = work.mock.calls[0]!;
    expect(given).toBe(ports);
    expect(bodies).toEqual(['1', '2', '3']);
    expect(deadline - before).toBeGreaterThanOrEqual(20_000);
    expect(deadline - before).toBeLessThan(30_000);
  });

  test.each([
    ['all at once', {}, 3],
    ['one after another', { inTurn: true }, 1],
  ])('handles messages by themselves, %s', async (_, options, most) => {
    let running = 0;
    let highest = 0;
    const advised: unknown[] = [];
    const each = {
      work: async (refused: string, body: string) => {
        highest = Math.max(highest, (running += 1));
        await new Promise(setImmediate);
        running -= 1;
        if (body === refused) throw new Error('no');
      },
      failed: (error: unknown, body: string) => advised.push([String(error), body]),
      ...options,
    };
    const handler = messageHandler(example, each, () => '2');
    const answer = await handler(givenMessages({ a: '1', b: '2', c: '3' }), givenContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(advised).toEqual([['Error: no', '2']]);
    expect(highest).toBe(most);
  });
});

test.each([
  ['where all went well', undefined, []],
  ['from where it failed', '7', [{ itemIdentifier: '7' }]],
])('the handler of a stream answers %s', async (_, failedFrom, batchItemFailures) => {
  const records: DynamoDBRecord[] = [{ eventName: 'INSERT' }];
  const handler = streamHandler(
    example,
    async (failed: typeof failedFrom, taken) => {
      expect(taken).toBe(records);
      return failed;
    },
    () => failedFrom,
  );
  expect(await handler({ Records: records }, givenContext())).toEqual({ batchItemFailures });
});

async function due(event: ScheduleEvent): Promise<Date> {
  const work = vi.fn<(ports: object, at: Date, deadline: number) => Promise<void>>(async () => {});
  await scheduleHandler(example, work, () => ({}))(event, givenContext());
  return work.mock.calls[0]![1];
}

describe('the handler of a schedule', () => {
  test('passes the time when its call was due', async () => {
    const at = await due({ scheduledTime: '2026-12-01T03:00:00Z' });
    expect(at.toISOString()).toBe('2026-12-01T03:00:00.000Z');
  });

  test('takes a call without a time to be due now, and one with another text to be wrong', async () => {
    const before = Date.now();
    expect((await due({})).getTime()).toBeGreaterThanOrEqual(before);
    for (const scheduledTime of ['<aws.scheduler.scheduled-time>', 7, null]) {
      await expect(due({ scheduledTime })).rejects.toThrow('is not a time');
    }
  });
});

/** A call by SNS. */
const call = (message: string) =>
  ({ Records: [{ EventSource: 'aws:sns', Sns: { Message: message } }] }) as unknown as SNSEvent;

describe('a function that a topic invokes', () => {
  const deadLetters = { severity: 'routine', says: '.', waits: 'x', remedy: 'y' } as const;
  const declaration = {
    ...example,
    wokenBy: { topic: true, batchSize: 10, queue: { name: 'q', message: 'm', deadLetters } },
  } as const satisfies FunctionDeclaration;
  const taken: string[] = [];
  const handler = topicHandler(
    declaration,
    async (_ports: object, messages) => {
      taken.push(...messages);
      return messages.flatMap((message, index) => (message.includes('bad') ? [index] : []));
    },
    () => ({}),
  );
  beforeEach(() => void taken.splice(0));

  test('takes its message', async () => {
    await handler(call('one'), givenContext());
    expect(taken).toEqual(['one']);
  });

  test('fails with a message that it cannot handle, so that the call goes onto the queue', async () => {
    await expect(handler(call('bad'), givenContext())).rejects.toThrow('could not be handled');
  });

  test('takes from the queue failed calls, and what a topic put there itself', async () => {
    const bodies = [
      JSON.stringify(call('of a call')),
      '{"eventType":"Send"}',
      JSON.stringify({ Type: 'Notification', Message: 'undelivered' }),
      'no JSON',
      JSON.stringify(call('bad')),
    ];
    const messages = givenMessages(Object.fromEntries(bodies.entries()));
    const answer = await handler(messages, givenContext());
    const event = '{"eventType":"Send"}';
    expect(taken).toEqual(['of a call', event, 'undelivered', 'no JSON', 'bad']);
    const itemIdentifier = '4';
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier }] });
  });
});

const noPorts = () => ({});
const named = (name: string) => ({ ...example, name }) as const;

test('what a function does when it is woken is done in its name', async () => {
  const actors: string[] = [];
  const note = (): void => void actors.push(currentActor().id);
  const context = givenContext();
  const none = async () => (note(), []);
  const message = givenMessages({ m: '{}' });

  await sqsHandler(named('queue'), none, noPorts)(message, context);
  const each = { work: async () => note(), failed: () => {} };
  await messageHandler(named('messages'), each, noPorts)(message, context);
  await topicHandler(named('topic'), none, noPorts)(call('one'), context);
  const stream = async () => (note(), undefined);
  await streamHandler(named('stream'), stream, noPorts)({ Records: [] }, context);
  await scheduleHandler(named('schedule'), async () => note(), noPorts)({}, context);

  expect(actors).toEqual(['queue', 'messages', 'topic', 'stream', 'schedule']);
  expect(currentActor).toThrow('in the name of somebody');
});
