import { expect, test } from 'vitest';
import { faultKinds, Faults, parseFaultPlan } from '../../../local/aws/faults.ts';
import type { AllowedCall } from '../../../local/aws/gateway.ts';

const call = (accessKeyId: string): AllowedCall => ({
  accessKeyId,
  service: 'dynamodb',
  request: {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
  },
});

function planted(seed: number, calls: number): Faults {
  const faults = new Faults({ seed, rate: 0.04 });
  for (let count = 0; count < calls; count += 1) faults.fail(call('function-signer'));
  return faults;
}

test('that share of the calls fails, in each way', () => {
  const { planted: counts, calls } = planted(7, 20_000);
  const all = faultKinds.reduce((sum, kind) => sum + counts[kind], 0);
  expect(calls).toBe(20_000);
  expect(all / calls).toBeGreaterThan(0.03);
  expect(all / calls).toBeLessThan(0.05);
  for (const kind of faultKinds) expect(counts[kind]).toBeGreaterThan(20);
});

test('the seed decides which', () => {
  expect(planted(7, 1_000).planted).toEqual(planted(7, 1_000).planted);
  expect(planted(7, 1_000).planted).not.toEqual(planted(8, 1_000).planted);
});

test('the calls of the operator do not fail', () => {
  const faults = new Faults({ seed: 1, rate: 1 });
  expect(faults.fail(call('operator'))).toBeUndefined();
  expect(faults.fail(call('function-signer'))).toBeDefined();
});

test.each([
  ['seed=7,rate=4%', { seed: 7, rate: 0.04 }],
  ['seed=0,rate=0.5%', { seed: 0, rate: 0.005 }],
  ['seed=7', undefined],
  ['rate=4%,seed=7', undefined],
  ['seed=7,rate=400%', undefined],
])('%s is read', (text, plan) => {
  expect(parseFaultPlan(text)).toEqual(plan);
});

test('that share of the messages comes twice, and as many come late', () => {
  const faults = new Faults({ seed: 7, rate: 0.04 });
  const { isDoubled, lateBy } = faults.disorder;
  const lates = Array.from({ length: 20_000 }, lateBy).filter((late) => late > 0);
  const doubles = Array.from({ length: 20_000 }, isDoubled).filter(Boolean);
  for (const share of [lates.length, doubles.length]) {
    expect(share).toBeGreaterThan(600);
    expect(share).toBeLessThan(1_000);
  }
  expect(faults.messages).toEqual({ twice: doubles.length, late: lates.length });
});
