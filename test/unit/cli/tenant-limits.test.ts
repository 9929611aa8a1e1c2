import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { CommandError } from '../../../cli/command.ts';
import { changeLimits, limitLines } from '../../../cli/tenant-limits.ts';
import { createTenant } from '../../../cli/tenants.ts';
import { MemoryBudgetStore } from '../../fakes/budget-store.ts';
import { MemoryTenantStore } from '../../fakes/tenant-store.ts';

async function givenTenants() {
  const tenants = new MemoryTenantStore();
  const clock = { now: () => new Date('2026-11-20T10:00:00.000Z') };
  const random = { bytes: (size: number): Uint8Array => randomBytes(size) };
  const { tenant } = await createTenant('Acme', { tenants, clock, random });
  return { tenant, tenants, budgets: new MemoryBudgetStore() };
}

test('limits are set, shown, and given back to the deployment', async () => {
  const { tenant, ...ports } = await givenTenants();
  const set = await changeLimits('Acme', ['claims-hour=500', 'invitations-day=0'], ports);
  expect(set).toEqual({ tenant, own: { 'claims-hour': 500, 'invitations-day': 0 } });
  const after = await changeLimits(tenant.id, ['claims-hour=default'], ports);
  expect(after.own).toEqual({ 'invitations-day': 0 });
  expect(limitLines(after.own).join('\n')).toMatch(
    /claims-hour +the deployment's[^]*invitations-day +0 /,
  );
});

test.each([
  ['claims-our=5', 'There is no budget "claims-our"'],
  ['claims-hour', 'whole number'],
  ['claims-hour=-1', 'whole number'],
  ['claims-hour=1e3', 'whole number'],
  ['claims-hour=1.5', 'whole number'],
  ['claims-hour=99999999999', 'whole number'],
])('%s is refused, and changes nothing', async (change, message) => {
  const { tenant, ...ports } = await givenTenants();
  const wrong = changeLimits('Acme', ['checks=1', change], ports);
  await expect(wrong).rejects.toThrow(CommandError);
  await expect(wrong).rejects.toThrow(message);
  expect(await ports.budgets.ownLimits(tenant.id)).toEqual({});
});
