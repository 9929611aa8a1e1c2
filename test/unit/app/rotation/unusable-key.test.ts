import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { KeyCache } from '../../../../lambdas/signer/key-cache.ts';
import { askForAnotherKey, UnusableKey } from '../../../../lambdas/signer/unusable-key.ts';
import { Undecipherable } from '#shared/app/ports/key-vault.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRotationRuns } from '../../../fakes/rotation-runs.ts';
import { World } from '../../lambdas/signer/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a mail whose key cannot sign', () => {
  test('waits unsent, and another key is asked for, where KMS cannot unwrap it', async () => {
    const claim = await world.givenHeld('example.com');
    const work = await world.givenAccepted(claim);
    world.vault.failing.push(new Undecipherable(claim.keys[0].id));
    const { failed } = await world.send([work]);
    expect(failed).toEqual([]);
    expect(world.mailer.accepted).toEqual([]);
    expect(world.unusable).toEqual([claim.keys[0].id]);
    const [again] = world.outbound.take();
    expect(again).toMatchObject({ request: { ...work, waits: 1 } });
    expect(again?.delaySeconds).toBeGreaterThanOrEqual(30);
    await world.send([again!.request]);
    expect(world.mailer.accepted).toHaveLength(1);
  });

  test('waits where the key is not the one that is published', async () => {
    const claim = await world.givenHeld('example.com');
    const work = await world.givenAccepted(claim);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = new KeyCache({ unwrap: async () => privateKey });
    await world.send([work], {}, { ...world.ports, keys });
    expect(world.mailer.accepted).toEqual([]);
    expect(world.unusable).toEqual([claim.keys[0].id]);
    expect(world.outbound.take()).toHaveLength(1);
    const [recipientBatch] = await world.recipientBatches(work);
    expect(recipientBatch).toMatchObject({ state: 'queued', attempt: 0 });
  });

  test('any other fault of KMS is not taken for that', async () => {
    const work = await world.givenAccepted(await world.givenHeld('example.com'));
    world.vault.failing.push(new Error('AccessDenied'));
    const { failed } = await world.send([work]);
    expect(failed).toEqual([0]);
    expect(world.unusable).toEqual([]);
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

test('the watch is told of each mail that SES accepted, in its very octets', async () => {
  const claim = await world.givenHeld('example.com');
  await world.send([await world.givenAccepted(claim, { recipients: 60 })]);
  expect(world.watched.map(({ keyId }) => keyId)).toEqual([claim.keys[0].id, claim.keys[0].id]);
  expect(world.watched[0]?.raw).toEqual(world.mailer.accepted[0]?.raw);
  world.mailer.faults.push('throttle');
  await world.send([await world.givenAccepted(claim)]);
  expect(world.watched).toHaveLength(2);
});
