import { expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import { forgeKeys } from '#shared/app/rotation/forge-keys.ts';
import type { KeyRate } from '#shared/app/rotation/key-rate.ts';
import type { RotationPorts } from '#shared/app/rotation/ports.ts';
import type { Ready } from '#shared/app/rotation/step.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { FakeTime } from '../../../fakes/time.ts';

const start = '2026-11-20T10:00:00.000Z';
const at = (milliseconds: number): number => Date.parse(start) + milliseconds;

const ready = (claim: Claim): Ready => ({
  claim,
  step: 'rotate',
  promote: 'next',
  insyncSince: undefined,
  refill: currentKey(claim.keys)!.selector,
});

/** Makes a key for a claim for each reserved time, in so many milliseconds. */
async function keysAt(times: readonly number[], claims: readonly Claim[], milliseconds: number) {
  const time = new FakeTime(start);
  const made: { domain: string; at: number }[] = [];
  const rate: KeyRate = { reserve: async () => times, slowDown: async () => {} };
  const ports = {
    forge: {
      async generate(_: unknown, { domain }: { domain: string }) {
        made.push({ domain, at: time.clock.now().getTime() });
        return { publicKeySpki: Buffer.from('public'), wrappedPrivateKey: Buffer.from('wrapped') };
      },
    },
    retryTime: time,
    random: { bytes: (size: number) => new Uint8Array(size) },
    revokedKeys: {},
    isOutage: () => false,
    log: () => {},
  } as unknown as RotationPorts;
  const keys = await forgeKeys(claims.map(ready), { rate, until: at(milliseconds) }, ports);
  return { keys, made };
}

test('a key is made at the time that the rate has for it', async () => {
  const claim = givenClaim();
  const { keys, made } = await keysAt([at(500)], [claim], 1_000);
  expect(made).toEqual([{ domain: claim.domain, at: at(500) }]);
  expect(keys.get(claim.label)).toMatchObject({ selector: 'zero' });
});

test.each([
  ['at the deadline', [at(1_000)]],
  ['after the deadline', [at(1_001)]],
  ['never', []],
])('a claim whose time comes %s waits, and no key is made', async (_, times) => {
  const claim = givenClaim();
  const { keys, made } = await keysAt(times, [claim], 1_000);
  expect(made).toEqual([]);
  expect(keys.get(claim.label)).toMatchObject({
    kind: 'waits',
    error: expect.any(Throttled) as object,
  });
});
