import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { createTenant } from '../../../cli/tenants.ts';
import { reputationLine, reputationOf } from '../../../cli/tenant-reputation.ts';
import { MemoryReputationStore } from '../../fakes/reputation-store.ts';
import { MemoryTenantStore } from '../../fakes/tenant-store.ts';

const at = '2026-11-20T10:00:00.000Z';
let id: TenantId;
const domain = 'example.com' as DomainName;
let ports: Parameters<typeof reputationOf>[3] & { readonly reputations: MemoryReputationStore };

beforeEach(async () => {
  const tenants = new MemoryTenantStore();
  const clock = { now: () => new Date(at) };
  const random = { bytes: (size: number): Uint8Array => randomBytes(size) };
  ({ id } = (await createTenant('First', { tenants, clock, random })).tenant);
  ports = {
    tenants,
    reputations: new MemoryReputationStore(),
    clock,
  };
});

test('shows a tenant and its domain apart, and ends the pause of the one that is named', async () => {
  const counts = { outcomes: 80, bounced: 10, complained: 0 };
  for (const subject of [{ tenant: id }, { tenant: id, domain }]) {
    await ports.reputations.count(subject, counts, at);
    await ports.reputations.move(subject, 'good', 'paused', at);
  }
  const shown = await reputationOf('First', 'Example.com', undefined, ports);
  expect(reputationLine(shown)).toBe(
    `example.com of First (${id}) is paused since ${at}: of 80 recipients in 7 days 12.5 % bounced for good and 0.00 % complained.`,
  );
  const reset = await reputationOf('First', 'example.com', 'reset', ports);
  expect(reset.reputation).toMatchObject({ standing: 'good', counts: { outcomes: 0 } });
  expect((await reputationOf(id, undefined, undefined, ports)).reputation.standing).toBe('paused');
  expect(reputationLine(await reputationOf(id, undefined, 'exempt', ports))).toContain(
    `First (${id}) is exempt since`,
  );
});

test('of an unknown tenant is an error', async () => {
  await expect(reputationOf('Nobody', undefined, 'reset', ports)).rejects.toThrow('Nobody');
});
