import { describe, expect, test } from 'vitest';
import type { KeyId } from '#shared/core/model/names.ts';
import { CannotRestore, type TableCopies } from '#shared/app/ports/table-copies.ts';
import { nameAt, restoreTables } from '#shared/app/restore/restore-tables.ts';
import { MemoryRevocationLedger } from '../../../fakes/revocation-ledger.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';

const at = new Date('2026-11-30T12:00:00.000Z');

function given() {
  const done: string[] = [];
  let asked = 0;
  const copies: TableCopies = {
    async copy(source, target, time) {
      done.push(`copy ${source} ${target} ${time.toISOString()}`);
    },
    // As a restore, which takes a while.
    async isReady() {
      return (asked += 1) % 2 === 0;
    },
    async complete(table, { ttl, stream }) {
      done.push(`complete ${table} ${ttl ?? '-'} ${stream ?? '-'}`);
      return stream && `arn:stream:${table}`;
    },
  };
  const ledger = new MemoryRevocationLedger();
  const revokedKeys = new MemoryRevokedKeys();
  const lines: string[] = [];
  const ports = {
    copies,
    ledger,
    revokedKeysIn: (table: string) => {
      done.push(`revoke in ${table}`);
      return revokedKeys;
    },
    sleep: async () => {},
    log: (line: string) => void lines.push(line),
  };
  return { done, ledger, revokedKeys, ports, lines, copies };
}

describe('a restore', () => {
  test('makes each table under a new name, with what a restore leaves out', async () => {
    const { done, ports } = given();

    const others = await restoreTables({ claims: 'x-claims', messages: 'x-messages' }, at, ports);

    expect(done).toEqual([
      'copy x-claims x-claims-20261130T120000 2026-11-30T12:00:00.000Z',
      'copy x-messages x-messages-20261130T120000 2026-11-30T12:00:00.000Z',
      'complete x-claims-20261130T120000 - NEW_AND_OLD_IMAGES',
      'complete x-messages-20261130T120000 expiresAt -',
    ]);
    expect(others).toEqual({
      claims: {
        name: 'x-claims-20261130T120000',
        stream: 'arn:stream:x-claims-20261130T120000',
      },
      messages: { name: 'x-messages-20261130T120000' },
    });
  });

  test('adds every revocation to the new table of revoked keys, those of before it too', async () => {
    const { ledger, ports, revokedKeys, done, lines } = given();
    await ledger.add({ keyId: 'k_after' as KeyId, revokedAt: '2026-11-30T12:30:00.000Z' });
    await ledger.add({ keyId: 'k_before' as KeyId, revokedAt: '2025-01-01T00:00:00.000Z' });

    await restoreTables({ revokedKeys: 'x-revoked-keys' }, at, ports);

    expect(await revokedKeys.among(['k_after', 'k_before'])).toEqual(
      new Set(['k_after', 'k_before']),
    );
    expect(done).toContain('revoke in x-revoked-keys-20261130T120000');
    expect(lines.at(-1)).toBe('2 revocations were added to x-revoked-keys-20261130T120000');
  });

  test('that is not possible ends before anything is completed', async () => {
    const { copies, done, ports } = given();
    copies.copy = async () => {
      throw new CannotRestore('too long ago');
    };

    await expect(restoreTables({ claims: 'x-claims' }, at, ports)).rejects.toThrow('too long ago');
    expect(done).toEqual([]);
  });

  test('of a table that was restored is named after the first one', () => {
    expect(nameAt('x-claims-20261101T000000', at)).toBe('x-claims-20261130T120000');
  });
});
