import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { copied, DOMAIN, World } from '../checks/world.ts';

let world: World;
let claim: Claim;
beforeEach(async () => {
  world = new World();
  claim = await world.claim();
  world.dns.zone(DOMAIN, copied(claim));
  await world.check(claim);
  claim = (await world.stored(claim))!;
});

const slot = (selector: string) => `${selector}._domainkey.${DOMAIN}`;
const asked = () => world.rotationQueue.take().map(({ request }) => request);

describe('a check of a verified domain', () => {
  test('asks for nothing while the key that signs is found', async () => {
    await world.check(claim);
    expect(asked()).toEqual([]);
  });

  test('asks for another key to sign where the one that does is not found', async () => {
    world.dns.zone(
      DOMAIN,
      copied(claim).filter(({ name }) => name !== slot('zero')),
    );
    await world.check(claim);
    expect(asked()).toEqual([{ kind: 'mend', shard: claim.shard, label: claim.label }]);
  });

  test('asks for nothing where another slot broke, or where DNS does not answer', async () => {
    world.dns.zone(
      DOMAIN,
      copied(claim).filter(({ name }) => name !== slot('one')),
    );
    await world.check(claim);
    world.dns.silence(DOMAIN);
    await world.check(claim);
    expect(asked()).toEqual([]);
  });

  test('asks for a key to sign where none does and a slot is right', async () => {
    const [zero, ...others] = claim.keys;
    const keys = [{ ...zero, state: 'revoked' }, ...others] as unknown as Claim['keys'];
    const paused = { ...claim, keys, version: claim.version + 1 };
    await world.claims.update(claim, paused);
    await world.check(paused);
    expect(asked()).toHaveLength(1);
  });
});

test('a domain that is not verified yet has no key that signs, and needs no other', async () => {
  const fresh = new World();
  const pending = await fresh.claim();
  fresh.dns.zone(DOMAIN, []);
  await fresh.check(pending);
  expect(fresh.rotationQueue.take()).toEqual([]);
});
