import { describe, expect, test } from 'vitest';
import type { KeyId } from '#shared/core/model/names.ts';
import { recoveredFirst, recoverRevocations } from '#shared/app/revocations/recover.ts';
import { MemoryRevocationLedger } from '../../../fakes/revocation-ledger.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

async function given() {
  const ledger = new MemoryRevocationLedger();
  const revokedKeys = new MemoryRevokedKeys();
  const logged: string[] = [];
  const log = (all: readonly { keyId: KeyId }[]) => void logged.push(...all.map((e) => e.keyId));
  await ledger.add({ keyId: 'k_old' as KeyId, revokedAt: daysAgo(100) });
  await ledger.add({ keyId: 'k_restored' as KeyId, revokedAt: daysAgo(35) });
  await ledger.add({ keyId: 'k_known' as KeyId, revokedAt: daysAgo(2) });
  await revokedKeys.add('k_known', daysAgo(2));
  const keys = recoveredFirst(revokedKeys, { ledger, log, clock: { now: () => now } });
  return { ledger, revokedKeys, logged, log, keys };
}

describe('a table of revoked keys', () => {
  test('has what a restore lost before anybody signs by it, and the ledger is read once', async () => {
    const { keys, ledger, logged, revokedKeys } = await given();

    const found = await Promise.all([
      keys.among(['k_restored', 'k_other']),
      keys.among(['k_known']),
    ]);

    expect(found).toEqual([new Set(['k_restored']), new Set(['k_known'])]);
    expect(await revokedKeys.among(['k_restored'])).toEqual(new Set(['k_restored']));
    expect(logged).toEqual(['k_restored']);
    expect(ledger.reads).toBe(1);
  });

  test('is not used while the ledger cannot be read, and the next call reads it', async () => {
    const { keys, ledger } = await given();
    ledger.failing.push(new Error('S3 is out'));

    await expect(keys.among(['k_restored'])).rejects.toThrow('S3 is out');
    expect(await keys.among(['k_restored'])).toEqual(new Set(['k_restored']));
  });

  test('has all of the ledger after a whole recovery, and nothing twice', async () => {
    const { ledger, revokedKeys, log, logged } = await given();

    expect(await recoverRevocations({ ledger, revokedKeys, log })).toBe(2);
    expect(await recoverRevocations({ ledger, revokedKeys, log })).toBe(0);
    expect(logged).toEqual(['k_old', 'k_restored']);
  });
});
