import { expect, test } from 'vitest';
import { entryOf, type StoredEntry } from '#shared/core/audit/entry.ts';
import type { KeyId, TenantId } from '#shared/core/model/names.ts';
import type { Membership } from '#shared/app/ports/memberships.ts';
import { foresee, type ForeseePorts } from '#shared/app/restore/foresee.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryRevocationLedger } from '../../../fakes/revocation-ledger.ts';

const at = new Date('2026-11-30T12:00:00.000Z');
const before = '2026-11-30T11:59:59.999Z';
const after = '2026-11-30T12:00:00.000Z';

const claim = (domain: string, times: { createdAt: string; deletedAt?: string }) =>
  givenClaim({ domain, ...times } as Parameters<typeof givenClaim>[0]);

async function given(changes: Partial<ForeseePorts> = {}): Promise<ForeseePorts> {
  return {
    ledger: new MemoryRevocationLedger(),
    claims: { scan: async () => ({ claims: [claim('old.example', { createdAt: before })] }) },
    tenants: { list: async () => [] },
    messagesSince: async () => 0,
    platforms: { list: async () => [] },
    memberships: { in: async () => [] },
    suppressions: new MemorySuppressionStore(),
    audit: { entries: async function* () {} },
    ...changes,
  } as ForeseePorts;
}

test('nothing is foreseen where nothing has happened since', async () => {
  const ledger = new MemoryRevocationLedger();
  await ledger.add({ keyId: 'k_1' as KeyId, revokedAt: before });

  expect(await foresee(at, await given({ ledger }))).toEqual([]);
});

test('all that a restore would undo is named', async () => {
  const ledger = new MemoryRevocationLedger();
  await ledger.add({ keyId: 'k_2' as KeyId, revokedAt: after });
  const pages = [
    { claims: [claim('new.example', { createdAt: after })], cursor: 'next' },
    { claims: [claim('gone.example', { createdAt: before, deletedAt: after })] },
  ];
  const tenant = (name: string, more: object) => ({
    tenant: { id: 't_1', name, createdAt: before, ...more },
    keys: [],
  });
  const ports = await given({
    ledger,
    claims: { scan: async ({ cursor }) => pages[cursor === undefined ? 0 : 1]! },
    tenants: {
      list: async () =>
        [
          tenant('stopped', { state: { status: 'suspended', since: after, reason: 'spam' } }),
          tenant('stopped-before', { state: { status: 'closed', since: before, reason: '-' } }),
          tenant('made', { createdAt: after }),
          {
            ...tenant('careful', {}),
            keys: [
              { prefix: 'sd_now', revokedAt: after },
              { prefix: 'sd_before', revokedAt: before },
              { prefix: 'sd_open' },
            ],
          },
        ] as unknown as Awaited<ReturnType<ForeseePorts['tenants']['list']>>,
    },
    messagesSince: async (time) => (time === at.toISOString() ? 7 : 0),
  } as Partial<ForeseePorts>);

  const foreseen = await foresee(at, ports);

  expect(foreseen.map(({ what, count, some }) => [what, count, ...some])).toEqual([
    ['revoked-keys', 1, 'k_2'],
    ['revoked-api-keys', 1, 'sd_now... of careful'],
    ['tenants-stopped', 1, 'stopped'],
    ['tenants-lost', 1, 'made'],
    ['domains-lost', 1, 'new.example'],
    ['domains-deleted', 1, 'gone.example'],
    ['messages-forgotten', 7],
  ]);
  for (const { says } of foreseen) expect(says).toMatch(/\.$/);
});

test('what was taken from a tenant or came to it since is named, and not what came back', async () => {
  const entry = (subject: 'user' | 'webhook' | 'suppression', id: string): StoredEntry =>
    entryOf(
      { owner: 't_1' as TenantId, subject, id, before: { of: 'it' } },
      { kind: 'user', id: 'owner', operation: 'DELETE', requestId: 'r' },
      { at: after, random: (size) => new Uint8Array(size) },
    )!;
  const suppressions = new MemorySuppressionStore();
  const bounce = { tenant: 't_1' as TenantId, reason: 'bounce' } as const;
  await suppressions.add({ ...bounce, address: 'new@e.example', addedAt: after });
  await suppressions.add({ ...bounce, address: 'old@e.example', addedAt: before });
  const ports = await given({
    tenants: {
      list: async () => [
        { tenant: { id: 't_1' as TenantId, name: 'acme', createdAt: before }, keys: [] },
      ],
    },
    memberships: { in: async () => [{ user: 'back' } as Membership] },
    suppressions,
    audit: {
      async *entries() {
        yield entry('user', 'gone');
        yield entry('user', 'back');
        yield entry('webhook', 'wh_1');
        yield entry('suppression', 'free@e.example');
      },
    },
  });

  const foreseen = await foresee(at, ports);

  expect(foreseen.map(({ what, some }) => [what, ...some])).toEqual([
    ['users-removed', 'gone of acme'],
    ['suppressions-added', 'new@e.example of acme'],
    ['suppressions-removed', 'free@e.example of acme'],
    ['webhooks-deleted', 'wh_1 of acme'],
  ]);
});
