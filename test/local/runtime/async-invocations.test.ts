import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AsyncInvocations } from '../../../local/runtime/event-sources/async-invocations.ts';
import type { Outcome } from '../../../local/runtime/lambda/environment.ts';

let folder: string;
let invoked: string[];
let dead: [string, Readonly<Record<string, string>>][];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'async-'));
  invoked = [];
  dead = [];
});
afterEach(() => rm(folder, { recursive: true }));

const success: Outcome = { answered: true, payload: 'null' };
const failure: Outcome = { answered: false, error: { errorType: 'E', errorMessage: 'm' } };

function givenInvocations(
  handle: (call: number) => Outcome | Promise<Outcome>,
  { pauses = [1, 1], retries = 2 } = {},
): AsyncInvocations {
  return new AsyncInvocations(
    join(folder, 'async'),
    new Map([
      [
        'planner',
        {
          invoke: async (payload: string) => {
            invoked.push(payload);
            return { ...(await handle(invoked.length)), requestId: 'r' };
          },
          retries,
          giveUp: async (payload: string, attributes: Readonly<Record<string, string>>) => {
            dead.push([payload, attributes]);
          },
        },
      ],
    ]),
    () => {},
    pauses,
  );
}

test('an event that succeeds is handled once', async () => {
  const invocations = givenInvocations(() => success);

  invocations.submit('planner', '{"a":1}');

  await expect.poll(() => invoked).toEqual(['{"a":1}']);
  await invocations.stop();
  expect(dead).toEqual([]);
});

test('an event is tried three times, then goes to the dead-letter queue', async () => {
  const invocations = givenInvocations(() => failure);

  invocations.submit('planner', '{}');

  await expect
    .poll(() => dead)
    .toEqual([['{}', { RequestID: 'r', ErrorCode: '200', ErrorMessage: 'm' }]]);
  expect(invoked.length).toBe(3);
  await invocations.stop();
});

test('an event that a stopped run left is handled by the next, and not a third time', async () => {
  const first = givenInvocations(() => failure, { pauses: [60_000] });
  first.submit('planner', '{"a":1}');
  await expect.poll(() => invoked.length).toBe(1);
  await first.stop();

  const second = givenInvocations(() => success);
  second.start();
  await expect.poll(() => invoked.length).toBe(2);
  await second.stop();

  const third = givenInvocations(() => success);
  third.start();
  await third.stop();
  expect(invoked).toEqual(['{"a":1}', '{"a":1}']);
  expect(dead).toEqual([]);
});

test('an event of a function without retries is tried once', async () => {
  const invocations = givenInvocations(() => failure, { retries: 0 });
  invocations.submit('planner', '{}');
  await expect.poll(() => dead.length).toBe(1);
  expect(invoked).toEqual(['{}']);
  await invocations.stop();
});

test('events that an earlier version kept in one file are handled once', async () => {
  const kept = { one: { functionName: 'planner', payload: '{"a":1}' } };
  await writeFile(join(folder, 'async.json'), JSON.stringify(kept));
  for (const _ of ['this start', 'the next']) {
    const invocations = givenInvocations(() => success);
    invocations.start();
    await expect.poll(() => invoked).toEqual(['{"a":1}']);
    await invocations.stop();
  }
});

test('an unknown function is an error', () => {
  expect(() => givenInvocations(() => success).submit('other', '{}')).toThrow(
    'there is no function other',
  );
});
