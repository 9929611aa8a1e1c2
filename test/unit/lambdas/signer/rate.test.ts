import { describe, expect, test } from 'vitest';
import { RateSimulation, type Left, type Submitted } from './rate-simulation.ts';

/** Mails of a tenant, one each so many milliseconds. */
const mails = (
  tenant: string,
  count: number,
  {
    from = 0,
    every = 1,
    recipients = 1,
  }: { from?: number; every?: number; recipients?: number } = {},
): Submitted[] =>
  Array.from({ length: count }, (_, index) => ({ tenant, at: from + index * every, recipients }));

/** One mail each of ten tenants, at once. */
const singles = (from: number): Submitted[] =>
  Array.from({ length: 10 }, (_, index) => ({ tenant: `t_one${index}`, at: from, recipients: 1 }));

const isSingle = ({ tenant }: { readonly tenant: string }) => tenant.startsWith('t_one');

/** The longest wait, in seconds. */
const longestWait = (left: readonly Left[]) =>
  Math.max(...left.map(({ submittedAt, leftAt }) => (leftAt - submittedAt) / 1_000));

/** By how many places, at most, a mail left before or after its turn by age. */
function disorder(left: readonly Left[]): number {
  const byAge = left.toSorted((one, other) => one.number - other.number);
  const turns = new Map(byAge.map(({ number }, index) => [number, index]));
  return Math.max(...left.map(({ number }, index) => Math.abs(turns.get(number)! - index)));
}

async function run(rate: number, submissions: readonly Submitted[], vanishing?: string) {
  const simulation = new RateSimulation(rate);
  simulation.vanishing = vanishing;
  await simulation.run(submissions);
  expect(simulation.problems).toEqual([]);
  const { left, exitCalls, requeued } = simulation;
  return { left, exitCalls, requeued, seconds: (left.at(-1)?.leftAt ?? 0) / 1_000 };
}

const leftBetween = (left: readonly Left[], tenant: string, from: number, to: number) =>
  left.filter((mail) => mail.tenant === tenant && mail.leftAt >= from && mail.leftAt < to).length;

describe('at 14 recipients a second, with a queue that is not fair', () => {
  test.each([
    ['while 8600 of them wait', mails('t_big', 10_000), 100_000],
    ['right behind them', mails('t_big', 10_000, { every: 2 }), 20_000],
  ])(
    'one tenant has 10000 mails; ten mails of others, %s, leave within 5 s',
    async (_, big, from) => {
      const { left, exitCalls, requeued, seconds } = await run(14, [...big, ...singles(from)]);
      expect(longestWait(left.filter(isSingle))).toBeLessThan(5);
      expect(exitCalls).toBeLessThan(1.1 * 10_010);
      expect(requeued).toBeLessThan(3 * 10_010);
      expect(disorder(left.filter((mail) => !isSingle(mail)))).toBeLessThan(0.1 * 10_000);
      expect(seconds).toBeLessThan(1.05 * (10_010 / 14));
    },
  );

  test('mails of 1000 recipients, in calls of 50, hold up those of others no longer', async () => {
    const big = mails('t_big', 10, { recipients: 1_000 });
    const { left, exitCalls, seconds } = await run(14, [...big, ...singles(100_000)]);
    expect(longestWait(left.filter(isSingle))).toBeLessThan(5);
    expect(exitCalls).toBe(10 * 20 + 10);
    expect(seconds).toBeLessThan(1.05 * (10_010 / 14));
  });

  test('two tenants with much mail have an equal share, whoever began', async () => {
    const { left } = await run(14, [
      ...mails('t_a', 1_000),
      ...mails('t_b', 600, { from: 20_000 }),
    ]);
    const [a, b] = ['t_a', 't_b'].map((tenant) => leftBetween(left, tenant, 25_000, 65_000));
    expect(a! + b!).toBeGreaterThan(0.95 * 40 * 14);
    expect(b! / a!).toBeGreaterThan(0.9);
    expect(b! / a!).toBeLessThan(1.1);
  });

  test('mail that vanished from the line takes its share of the rate at most, and then nothing', async () => {
    const gone = mails('t_gone', 1_000);
    const { seconds } = await run(
      14,
      [...gone, ...mails('t_a', 1_000, { from: 20_000 })],
      't_gone',
    );
    expect(seconds).toBeLessThan(1.05 * (20 + 2_000 / 14));
  });
});

test('in the sandbox of SES, at one a second, 148 mails take 148 calls', async () => {
  const { exitCalls, requeued, seconds } = await run(1, mails('t_a', 148));
  expect(exitCalls).toBe(148);
  expect(requeued).toBeLessThan(3 * 148);
  expect(seconds).toBeLessThan(1.15 * 148);
});
