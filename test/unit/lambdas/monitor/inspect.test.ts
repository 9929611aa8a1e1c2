import { expect, test } from 'vitest';
import { inspect } from '../../../../lambdas/monitor/inspect.ts';

async function inspected(
  depths: Readonly<Record<string, number>>,
  quota: { perDay: number; sentLastDay: number } | Error = { perDay: 200, sentLastDay: 50 },
) {
  const counted: [string, number][] = [];
  const lines: [string, unknown][] = [];
  const log = (message: string, fields?: unknown) => void lines.push([message, fields]);
  const error = await inspect({
    queues: Object.keys(depths),
    depths: { of: async (queue) => depths[queue] ?? 0 },
    sendQuota: async () => {
      if (quota instanceof Error) throw quota;
      return { perSecond: 14, ...quota };
    },
    count: (name, value) => void counted.push([name, value]),
    log: { info: log, warn: log, error: log },
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { counted, lines, error };
}

test('messages that wait for people are counted in one number, and named by queue', async () => {
  const { counted, lines } = await inspected({ a: 2, b: 0, c: 5 });

  expect(counted).toEqual([['DeadLetters', 7]]);
  expect(lines[0]).toEqual([
    'messages wait for people',
    {
      queues: [
        { queue: 'a', messages: 2 },
        { queue: 'c', messages: 5 },
      ],
    },
  ]);
});

test('nothing is counted where none waits, since a counter costs by the hour', async () => {
  const { counted, lines } = await inspected({ a: 0 });

  expect(counted).toEqual([]);
  expect(lines).toEqual([
    ['the quotas of SES', { perSecond: 14, perDay: 200, sentLastDay: 50, dayFull: 25 }],
  ]);
});

test('an account without a daily limit is not full of it', async () => {
  const { lines } = await inspected({}, { perDay: -1, sentLastDay: 50 });

  expect(lines[0]?.[1]).toMatchObject({ dayFull: undefined });
});

test('an outage of SES hides no message, and fails the call', async () => {
  const outage = new Error('no answer');
  const { counted, error } = await inspected({ a: 1 }, outage);

  expect(counted).toEqual([['DeadLetters', 1]]);
  expect(error).toBe(outage);
});
