import { expect, test } from 'vitest';
import { noKeys } from '#shared/core/model/key-ring.ts';
import { TestEnvironment } from './test-environment.ts';

test('a month of rotation leaves a parked domain as it is, and is not held up by it', async () => {
  const testEnvironment = new TestEnvironment();
  const parked = await testEnvironment.givenVerified({
    purpose: 'parked',
    keys: noKeys,
    dmarc: { p: 'reject' },
  });
  const sending = await testEnvironment.givenVerified();
  await testEnvironment.until('2026-01-31T00:00:00Z');
  testEnvironment.schedule('2026-02-01T03:00:00Z');
  await testEnvironment.until('2026-02-03T00:00:00Z');
  expect(await testEnvironment.claim(parked)).toMatchObject({ keys: [], status: 'verified' });
  expect(await testEnvironment.claim(parked)).not.toHaveProperty('rotated');
  expect((await testEnvironment.claim(sending)).rotated?.period).toBe('2026-02');
  expect(await testEnvironment.send(parked)).toBeUndefined();
});
