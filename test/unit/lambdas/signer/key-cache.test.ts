import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeyCache } from '../../../../lambdas/signer/key-cache.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyContext } from '#shared/core/model/key-ring.ts';
import { givenClaim as anyClaim } from '../../../fakes/given-claim.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const spki = publicKey.export({ format: 'der', type: 'spki' });

/** A claim all of whose keys are the one that the vault gives. */
function givenClaim(): Claim {
  const claim = anyClaim();
  const keys = claim.keys.map((key) => ({
    ...key,
    algorithm: 'ed25519-sha256' as const,
    publicKey: spki.subarray(12).toString('base64'),
  })) as unknown as Claim['keys'];
  return { ...claim, keys };
}

function given(limit: number) {
  const asked: KeyContext[] = [];
  const failing: Error[] = [];
  const cache = new KeyCache(
    {
      unwrap: async (_wrapped, context) => {
        asked.push(context);
        const failure = failing.shift();
        if (failure !== undefined) throw failure;
        return privateKey;
      },
    },
    limit,
  );
  return { cache, asked, failing, ids: () => asked.map(({ keyId }) => keyId) };
}

test('a key is unwrapped once, bound to tenant, domain, selector and key id', async () => {
  const { cache, asked } = given(10);
  const claim = givenClaim();
  const [key] = claim.keys;
  const keys = await Promise.all([cache.get(claim, key), cache.get(claim, key)]);
  expect(keys).toEqual([privateKey, privateKey]);
  expect(await cache.get(claim, key)).toBe(privateKey);
  const { tenant, domain } = claim;
  expect(asked).toEqual([{ tenant, domain, selector: 'zero', keyId: key.id }]);
});

test('the least recently used key is dropped', async () => {
  const { cache, ids } = given(2);
  const claim = givenClaim();
  const [a, b, c] = claim.keys;
  for (const key of [a, b, a, c, a, b]) await cache.get(claim, key);
  expect(ids()).toEqual([a.id, b.id, c.id, b.id]);
});

test('a failure is not kept', async () => {
  const { cache, failing } = given(2);
  const claim = givenClaim();
  failing.push(new Throttled('KMS'));
  await expect(cache.get(claim, claim.keys[0])).rejects.toThrow(Throttled);
  expect(await cache.get(claim, claim.keys[0])).toBe(privateKey);
});
