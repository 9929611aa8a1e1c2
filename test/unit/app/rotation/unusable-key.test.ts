import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { KeyCache } from '../../../../lambdas/signer/key-cache.ts';
import { askForAnotherKey, UnusableKey } from '../../../../lambdas/signer/unusable-key.ts';
import { Undecipherable } from '#shared/app/ports/key-vault.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRotationRuns } from '../../../fakes/rotation-runs.ts';
import { TestEnvironment } from '../../lambdas/signer/test-environment.ts';

let testEnvironment: TestEnvironment;
beforeEach(() => {
  testEnvironment = new TestEnvironment();
});

describe('a mail whose key cannot sign', () => {
  test('waits unsent, and another key is asked for, where KMS cannot unwrap it', async () => {
    const claim = await testEnvironment.givenHeld('example.com');
    const work = await testEnvironment.givenAccepted(claim);
    testEnvironment.vault.failing.push(new Undecipherable(claim.keys[0].id));
    const { failed } = await testEnvironment.send([work]);
    expect(failed).toEqual([]);
    expect(testEnvironment.mailer.accepted).toEqual([]);
    expect(testEnvironment.unusable).toEqual([claim.keys[0].id]);
    const [again] = testEnvironment.outbound.take();
    expect(again).toMatchObject({ request: { ...work, waits: 1 } });
    expect(again?.delaySeconds).toBeGreaterThanOrEqual(30);
    await testEnvironment.send([again!.request]);
    expect(testEnvironment.mailer.accepted).toHaveLength(1);
  });

  test('waits where the key is not the one that is published', async () => {
    const claim = await testEnvironment.givenHeld('example.com');
    const work = await testEnvironment.givenAccepted(claim);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = new KeyCache({ unwrap: async () => privateKey });
    await testEnvironment.send([work], {}, { ...testEnvironment.ports, keys });
    expect(testEnvironment.mailer.accepted).toEqual([]);
    expect(testEnvironment.unusable).toEqual([claim.keys[0].id]);
    expect(testEnvironment.outbound.take()).toHaveLength(1);
    const [recipientBatch] = await testEnvironment.recipientBatches(work);
    expect(recipientBatch).toMatchObject({ state: 'queued', attempt: 0 });
  });

  test('any other fault of KMS is not taken for that', async () => {
    const work = await testEnvironment.givenAccepted(
      await testEnvironment.givenHeld('example.com'),
    );
    testEnvironment.vault.failing.push(new Error('AccessDenied'));
    const { failed } = await testEnvironment.send([work]);
    expect(failed).toEqual([0]);
    expect(testEnvironment.unusable).toEqual([]);
  });
});

test('another key is asked for once in five minutes, not for every mail', async () => {
  const queue = new MemoryQueue<RepairRequest>();
  let now = new Date('2026-11-20T10:00:00.000Z');
  const runs = new MemoryRotationRuns();
  const ask = askForAnotherKey({ rotationQueue: queue, runs, clock: { now: () => now } });
  const claim = givenClaim();
  const error = new UnusableKey(claim, claim.keys[0], 'planted');
  await ask(error);
  await ask(error);
  await ask(new UnusableKey(claim, claim.keys[1], 'planted'));
  const { shard, label } = claim;
  expect(queue.take().map(({ request }) => request)).toEqual([
    { kind: 'mend', shard, label, unusable: claim.keys[0].id },
    { kind: 'mend', shard, label, unusable: claim.keys[1].id },
  ]);
  now = new Date(now.getTime() + 5 * 60_000);
  await ask(error);
  expect(queue.take()).toHaveLength(1);
});

test('post-send verification gets each mail that SES accepted, in its very octets', async () => {
  const claim = await testEnvironment.givenHeld('example.com');
  await testEnvironment.send([await testEnvironment.givenAccepted(claim, { recipients: 60 })]);
  expect(testEnvironment.watched.map(({ keyId }) => keyId)).toEqual([
    claim.keys[0].id,
    claim.keys[0].id,
  ]);
  expect(testEnvironment.watched[0]?.raw).toEqual(testEnvironment.mailer.accepted[0]?.raw);
  testEnvironment.mailer.faults.push('throttle');
  await testEnvironment.send([await testEnvironment.givenAccepted(claim)]);
  expect(testEnvironment.watched).toHaveLength(2);
});
