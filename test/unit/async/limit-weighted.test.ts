import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inFlight } from '#shared/async/limit-weighted.ts';

test('every item is run once, and never more at once than the limits allow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 }),
      fc.scheduler(),
      async (weights, scheduler) => {
        const limits = { tasks: 4, weight: 10 };
        const items = weights.map((weight, index) => ({ weight, index }));
        const done: number[] = [];
        const running = new Set<{ weight: number }>();
        const work = inFlight(
          items,
          ({ weight }) => weight,
          limits,
          async (item) => {
            running.add(item);
            const weight = [...running].reduce((sum, each) => sum + each.weight, 0);
            expect(running.size).toBeLessThanOrEqual(limits.tasks);
            if (running.size > 1) expect(weight).toBeLessThanOrEqual(limits.weight);
            await scheduler.schedule(Promise.resolve());
            running.delete(item);
            done.push(item.index);
          },
        );
        await scheduler.waitFor(work);
        expect(done.toSorted((a, b) => a - b)).toEqual(items.map(({ index }) => index));
      },
    ),
  );
});

test('tasks overlap where the limits allow it', async () => {
  let running = 0;
  let most = 0;
  await inFlight(
    [1, 2, 3, 4, 5],
    () => 1,
    { tasks: 3, weight: 10 },
    async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    },
  );
  expect(most).toBe(3);
});
