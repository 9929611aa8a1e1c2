import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limiter, mapLimited } from '#shared/async/limit.ts';

/** Something that ends when the test says so. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise, end: () => resolve(), fail: reject };
}

/** Everything that can go on now has gone on when this resolves. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const cases = fc.record({
  tasks: fc.integer({ min: 1, max: 5 }),
  weight: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
  works: fc.array(fc.record({ weight: fc.integer({ min: 0, max: 12 }), fails: fc.boolean() }), {
    maxLength: 30,
  }),
});

describe('any tasks, some of which fail', () => {
  test('run once each, in order of arrival, and never more than the limits allow', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.scheduler(), async ({ tasks, weight, works }, scheduler) => {
        const limited = limiter({ tasks, ...(weight === undefined ? {} : { weight }) });
        const begun: number[] = [];
        const running = new Set<{ weight: number }>();
        const outcomes = works.map((work, index) =>
          limited(async () => {
            begun.push(index);
            running.add(work);
            const load = [...running].reduce((sum, each) => sum + each.weight, 0);
            expect(running.size).toBeLessThanOrEqual(tasks);
            if (running.size > 1) expect(load).toBeLessThanOrEqual(weight ?? Infinity);
            await scheduler.schedule(Promise.resolve());
            running.delete(work);
            if (work.fails) throw new Error(`work ${index}`);
            return index;
          }, work.weight),
        );
        const ended = await scheduler.waitFor(Promise.allSettled(outcomes));
        expect(begun).toEqual(works.map((_, index) => index));
        for (const [index, end] of ended.entries()) {
          if (works[index]!.fails) {
            expect(end).toMatchObject({ status: 'rejected', reason: { message: `work ${index}` } });
          } else expect(end).toEqual({ status: 'fulfilled', value: index });
        }
      }),
    );
  });

  test('leave every place free', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ tasks, weight, works }) => {
        const limited = limiter({ tasks, ...(weight === undefined ? {} : { weight }) });
        await Promise.allSettled(
          works.map(({ weight, fails }) =>
            limited(
              () => (fails ? Promise.reject(new Error('failed')) : Promise.resolve()),
              weight,
            ),
          ),
        );
        const holds = Array.from({ length: tasks }, held);
        let begun = 0;
        const all = holds.map(({ promise }) => limited(() => ((begun += 1), promise)));
        await turn();
        expect(begun).toBe(tasks);
        for (const { end } of holds) end();
        await Promise.all(all);
      }),
    );
  });
});

test('tasks overlap where the limits allow it, and the first begins at once', async () => {
  const limited = limiter({ tasks: 3, weight: 10 });
  const holds = [1, 2, 3, 4, 5].map(held);
  const begun: number[] = [];
  const all = holds.map(({ promise }, index) =>
    limited(() => {
      begun.push(index);
      return promise;
    }, 1),
  );
  expect(begun).toEqual([0, 1, 2]);
  holds[1]!.end();
  await turn();
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const { end } of holds) end();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('a task heavier than all may be runs alone, and blocks the lighter ones after it', async () => {
  const limited = limiter({ tasks: 9, weight: 10 });
  const holds = [4, 11, 1].map((weight) => ({ weight, ...held() }));
  const begun: number[] = [];
  const all = holds.map(({ promise, weight }) =>
    limited(() => {
      begun.push(weight);
      return promise;
    }, weight),
  );
  expect(begun).toEqual([4]);
  for (const [index, expected] of [
    [4, 11],
    [4, 11, 1],
  ].entries()) {
    holds[index]!.end();
    await turn();
    expect(begun).toEqual(expected);
  }
  holds[2]!.end();
  await Promise.all(all);
});

test('a failed task gives its place to the next', async () => {
  const limited = limiter({ tasks: 1 });
  const failed = limited(() => Promise.reject(new Error('failed')));
  const thrown = limited(() => {
    throw new Error('thrown');
  });
  const next = limited(() => Promise.resolve('next'));
  await expect(failed).rejects.toThrow('failed');
  await expect(thrown).rejects.toThrow('thrown');
  expect(await next).toBe('next');
});

describe('mapLimited', () => {
  test('gives the results in the order of the items, in any order of their ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.scheduler(),
        async (items, scheduler) => {
          let running = 0;
          const results = mapLimited(items, { tasks: 3 }, async (item) => {
            running += 1;
            expect(running).toBeLessThanOrEqual(3);
            await scheduler.schedule(Promise.resolve());
            running -= 1;
            return item * 2;
          });
          expect(await scheduler.waitFor(results)).toEqual(items.map((item) => item * 2));
        },
      ),
    );
  });

  test('begins nothing more once one has failed', async () => {
    const holds = [0, 1, 2, 3].map(held);
    const begun: number[] = [];
    const all = mapLimited([0, 1, 2, 3], { tasks: 2 }, (index) => {
      begun.push(index);
      return holds[index]!.promise;
    });
    holds[1]!.fail(new Error('the table is out'));
    await expect(all).rejects.toThrow('the table is out');
    for (const { end } of holds) end();
    await turn();
    expect(begun).toEqual([0, 1]);
  });
});
