import { expect, test } from 'vitest';
import { askForAnotherKey, UnusableKey } from '../../../../lambdas/signer/unusable-key.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';

test('a key that was revoked is asked to be replaced, and counts for no wave of a rotation', async () => {
  const now = new Date('2026-11-30T12:00:00.000Z');
  const rotated = { period: '2026-11', wave: 1, at: now.toISOString() };
  const claim = givenClaim({ rotated });
  const rotationQueue = new MemoryQueue<never>();
  const samples: unknown[] = [];
  const ask = askForAnotherKey({
    rotationQueue,
    runs: { countSample: async (sample) => void samples.push(sample) },
    clock: { now: () => now },
  });
  const [key] = claim.keys;

  await ask(new UnusableKey(claim, key, 'it is revoked', { isRevoked: true }));
  await ask(new UnusableKey(claim, key, 'it is revoked', { isRevoked: true }));

  expect(rotationQueue.take().map(({ request }) => request)).toEqual([
    { kind: 'mend', shard: claim.shard, label: claim.label, unusable: key.id },
  ]);
  expect(samples).toEqual([]);
});
