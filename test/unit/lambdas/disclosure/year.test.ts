import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';
import { discloseDue } from '../../../../lambdas/disclosure/disclose.ts';
import type { DisclosurePorts } from '../../../../lambdas/disclosure/ports.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryKeyForge, newWrappingKey } from '../../../fakes/key-forge.ts';
import { MemoryKeyVault } from '../../../fakes/key-vault.ts';
import { DAY, TestEnvironment } from '../../app/rotation/test-environment.ts';

const wrappingKey = newWrappingKey();
const forge = new MemoryKeyForge(wrappingKey);
const vault = new MemoryKeyVault(wrappingKey);
const START = '2026-01-01T00:00:00.000Z';

/** A domain whose keys are real ones, rotated every month; the disclosure runs every day at 6. */
async function givenYear(months: number, consents = true) {
  const testEnvironment = new TestEnvironment({ start: START, forge });
  const born = givenClaim(consents ? { disclosure: { consentedAt: START } } : {});
  const keys = await Promise.all(
    born.keys.map(async (key): Promise<RingKey> => {
      const { tenant, domain } = { ...born, domain: 'd1.example.com' };
      const context = { tenant, domain, selector: key.selector, keyId: key.id };
      const pair = await forge.generate('rsa-sha256', context);
      return {
        ...key,
        publicKey: pair.publicKeySpki.toString('base64'),
        wrappedPrivateKey: pair.wrappedPrivateKey.toString('base64'),
      };
    }),
  );
  const claim = await testEnvironment.givenVerified({
    ...born,
    domain: 'd1.example.com' as Claim['domain'],
    keys: keys as unknown as Claim['keys'],
  });
  const hosted = (name: string): Lookup => {
    testEnvironment.zone.settle();
    const text = testEnvironment.zone.visible.get(name);
    return { outcome: 'ok', values: text === undefined ? [] : [text], cnames: [] };
  };
  const ports: DisclosurePorts = {
    claims: testEnvironment.claims,
    disclosures: testEnvironment.claims.disclosures,
    revokedKeys: testEnvironment.revokedKeys,
    resolver: {
      authoritative: async (name: string, type: RecordType) =>
        name.endsWith(claim.shard) ? [hosted(name)] : testEnvironment.dns.authoritative(name, type),
      lookupEverywhere: (name, type) => testEnvironment.dns.lookupEverywhere(name, type),
    },
    vault,
    clock: testEnvironment.time.clock,
    log: () => {},
  };
  for (let month = 1; month <= months; month += 1) {
    testEnvironment.schedule(new Date(Date.UTC(2026, month, 1, 3)).toISOString());
  }
  const lastDay = Date.UTC(2026, months, 25);
  for (let day = Date.parse(START) + 6 * 3_600_000; day < lastDay; day += DAY) {
    testEnvironment.at(day, () => discloseDue(ports, Infinity));
  }
  return { testEnvironment, claim, lastDay };
}

describe('half a year of rotations', () => {
  test('discloses each key that has retired, after its time, and none that verifies', async () => {
    const { testEnvironment, claim, lastDay } = await givenYear(6);
    await testEnvironment.until(lastDay);
    const past = await testEnvironment.pastKeys(claim);
    const { disclosed, waiting } = await testEnvironment.claims.disclosures.of(claim.label);
    // The first month promotes the spare and retires nothing for good.
    expect(past).toHaveLength(5);
    expect(disclosed.map(({ id }) => id).toSorted()).toEqual(past.map(({ id }) => id).toSorted());
    expect(waiting).toEqual([]);
    const now = await testEnvironment.claim(claim);
    const shown = [...testEnvironment.zone.visible.values()].join('\n');
    for (const { id, privateKey, disclosedAt } of disclosed) {
      const { publicKey, lastSignedAt, destroyedAt } = past.find((key) => key.id === id)!;
      const spki = createPublicKey(createPrivateKey(privateKey)).export({
        format: 'der',
        type: 'spki',
      });
      expect(spki.toString('base64')).toBe(publicKey);
      expect(shown).not.toContain(publicKey);
      expect(now.keys.map((key) => key.id)).not.toContain(id);
      expect(Date.parse(disclosedAt)).toBeGreaterThanOrEqual(Date.parse(destroyedAt) + 7 * DAY);
      expect(Date.parse(disclosedAt)).toBeGreaterThanOrEqual(Date.parse(lastSignedAt!) + 15 * DAY);
    }
  });

  test('a backup restored from before verifies nothing with a key that is disclosed', async () => {
    const { testEnvironment, claim, lastDay } = await givenYear(2);
    await testEnvironment.until('2026-02-20T00:00:00Z');
    const backup = await testEnvironment.claim(claim);
    await testEnvironment.until(lastDay);
    const { disclosed } = await testEnvironment.claims.disclosures.of(claim.label);
    expect(disclosed.map(({ id }) => id)).toEqual([backup.keys[0].id]);
    const now = await testEnvironment.claim(claim);
    await testEnvironment.claims.update(now, { ...backup, version: now.version + 1 });
    await testEnvironment.settle();
    expect([...testEnvironment.zone.visible.values()].join('\n')).not.toContain(
      backup.keys[0].publicKey,
    );
  });

  test('without the consent every private half is destroyed as the key retires', async () => {
    const { testEnvironment, claim, lastDay } = await givenYear(3, false);
    await testEnvironment.until(lastDay);
    expect(await testEnvironment.pastKeys(claim)).toHaveLength(2);
    const kept = await testEnvironment.claims.disclosures.of(claim.label);
    expect(kept).toEqual({ waiting: [], disclosed: [] });
  });
});
