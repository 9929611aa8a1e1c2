import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { copied, DOMAIN, TestEnvironment } from '../checks/test-environment.ts';

let testEnvironment: TestEnvironment;
let claim: Claim;
beforeEach(async () => {
  testEnvironment = new TestEnvironment();
  claim = await testEnvironment.claim();
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  await testEnvironment.check(claim);
  claim = (await testEnvironment.stored(claim))!;
});

const slot = (selector: string) => `${selector}._domainkey.${DOMAIN}`;
const asked = () => testEnvironment.rotationQueue.take().map(({ request }) => request);

describe('a check of a verified domain', () => {
  test('asks for nothing while the key that signs is found', async () => {
    await testEnvironment.check(claim);
    expect(asked()).toEqual([]);
  });

  test('asks for another key to sign where the one that does is not found', async () => {
    testEnvironment.dns.zone(
      DOMAIN,
      copied(claim).filter(({ name }) => name !== slot('zero')),
    );
    await testEnvironment.check(claim);
    expect(asked()).toEqual([{ kind: 'mend', shard: claim.shard, label: claim.label }]);
  });

  test('asks for nothing where another slot broke, or where DNS does not answer', async () => {
    testEnvironment.dns.zone(
      DOMAIN,
      copied(claim).filter(({ name }) => name !== slot('one')),
    );
    await testEnvironment.check(claim);
    testEnvironment.dns.silence(DOMAIN);
    await testEnvironment.check(claim);
    expect(asked()).toEqual([]);
  });

  test('asks for a key to sign where none does and a slot is right', async () => {
    const [zero, ...others] = claim.keys;
    const keys = [{ ...zero, state: 'revoked' }, ...others] as unknown as Claim['keys'];
    const paused = { ...claim, keys, version: claim.version + 1 };
    await testEnvironment.claims.update(claim, paused);
    await testEnvironment.check(paused);
    expect(asked()).toHaveLength(1);
  });
});

test('a domain that is not verified yet has no key that signs, and needs no other', async () => {
  const fresh = new TestEnvironment();
  const pending = await fresh.claim();
  fresh.dns.zone(DOMAIN, []);
  await fresh.check(pending);
  expect(fresh.rotationQueue.take()).toEqual([]);
});
