import { expect, test } from 'vitest';
import type { KeyId } from '#shared/core/model/names.ts';
import { foresee, type ForeseePorts } from '#shared/app/restore/foresee.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
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
