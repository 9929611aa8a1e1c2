import { beforeEach, describe, expect, test } from 'vitest';
import { FairShares } from '../../../local/aws/sqs-fair-shares.ts';
import { QueuesHarness } from './sqs-harness.ts';

let harness: QueuesHarness;
beforeEach(() => {
  harness = new QueuesHarness();
  harness.create('q', { VisibilityTimeout: '600' });
});

const sendMany = (tenant: string, count: number): void => {
  for (let index = 0; index < count; index += 1) harness.send('q', `${tenant}${index}`, tenant);
};
const receiveMany = (count: number): string[] => {
  const bodies: string[] = [];
  while (bodies.length < count) bodies.push(...harness.bodies('q', Math.min(10, count)));
  return bodies;
};

describe('a standard queue with message groups', () => {
  test('is in its order while no tenant is noisy, with groups or without', () => {
    const sent = ['a', undefined, 'b', 'a', undefined].map((group, index) => {
      harness.send('q', String(index), group);
      return String(index);
    });
    expect(harness.bodies('q')).toEqual(sent);
  });

  test('lets the others go first while one has 30 messages and a tenth in flight', () => {
    sendMany('noisy', 100);
    harness.send('q', 'early', 'quiet');
    harness.send('q', 'alone');
    expect(receiveMany(30).every((body) => body.startsWith('noisy'))).toBe(true);
    expect(harness.bodies('q', 3)).toEqual(['early', 'alone', 'noisy30']);
    harness.send('q', 'late', 'quiet');
    expect(harness.bodies('q', 2)).toEqual(['late', 'noisy31']);
  });

  test('takes turns among noisy neighbours: the one with the fewest in flight is next', () => {
    sendMany('a', 60);
    receiveMany(40);
    sendMany('b', 60);
    receiveMany(30);
    expect(receiveMany(10).every((body) => body.startsWith('b'))).toBe(true);
    expect(new Set(receiveMany(4).map((body) => body[0]))).toEqual(new Set(['a', 'b']));
  });

  test('drops and blocks nothing of the noisy one', () => {
    sendMany('noisy', 200);
    sendMany('quiet', 20);
    const all = receiveMany(220);
    expect(new Set(all).size).toBe(220);
  });
});

describe('a noisy neighbour', () => {
  const start = 1_800_000_000_000;
  let shares: FairShares;
  beforeEach(() => {
    shares = new FairShares();
  });
  const enter = (tenant: string | undefined, count: number, now = start): void => {
    for (let index = 0; index < count; index += 1) shares.inFlight(1, tenant, now);
  };
  const noisy = (now = start): string[] => [...shares.noisy(now)].sort();

  test('has at least 30 messages in flight, and more than a tenth of all', () => {
    enter('few', 29);
    enter('many', 30);
    expect(noisy()).toEqual(['many']);
    enter(undefined, 241);
    expect(noisy()).toEqual([]);
    enter('many', 4);
    expect(noisy()).toEqual(['many']);
  });

  test('or takes more than a tenth of the recent processing time, however few its messages', () => {
    for (let index = 0; index < 20; index += 1) enter(`quick${index}`, 1);
    enter('slow', 1);
    for (let index = 0; index < 20; index += 1) shares.inFlight(-1, `quick${index}`, start + 500);
    expect(noisy(start + 400)).toEqual([]);
    expect(noisy(start + 5000)).toEqual(['slow']);
    shares.inFlight(-1, 'slow', start + 5000);
    expect(noisy(start + 5000)).toEqual(['slow']);
    // Old processing time does not count: others work meanwhile.
    enter('later', 1, start + 5000);
    expect(noisy(start + 290_000)).toEqual(['later']);
  });

  test('is quiet when its backlog is done, or after five minutes without a message', () => {
    shares.sent('noisy', start);
    enter('noisy', 40);
    expect(noisy(start + 299_999)).toEqual(['noisy']);
    expect(noisy(start + 300_000)).toEqual([]);
    for (let index = 0; index < 40; index += 1) shares.inFlight(-1, 'noisy', start + 1000);
    expect(noisy(start + 1000)).toEqual(['noisy']);
    shares.drained('noisy');
    expect(noisy(start + 1000)).toEqual([]);
  });
});
