import { beforeEach, expect, test } from 'vitest';
import { entryOf, type StoredEntry } from '#shared/core/audit/entry.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Membership } from '#shared/app/ports/memberships.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import { keepDecisions, type InUse, type Restored } from '#shared/app/restore/keep-decisions.ts';
import { membershipChange } from '#shared/app/audit/access-changes.ts';
import { MemoryMemberships } from '../../../fakes/memberships.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { MemoryInvitations } from '../../../fakes/user-store.ts';

const at = new Date('2026-11-30T12:00:00.000Z');
const before = '2026-11-30T11:00:00.000Z';
const after = '2026-11-30T12:30:00.000Z';
const later = '2026-12-03T08:00:00.000Z';
const tenant = `t_${'a'.repeat(26)}` as TenantId;
const key: ApiKey = {
  hash: 'hash',
  tenant,
  prefix: 'sd_abc',
  scopes: ['messages'],
  createdAt: before,
};
const member = (user: string): Membership => ({
  tenant,
  user,
  email: `${user}@example.com`,
  role: 'member',
  since: before,
});

/** Tables of a tenant with one key, users, and one address that is not mailed. */
async function givenTables() {
  const tenants = new MemoryTenantStore();
  await tenants.create({ id: tenant, name: 'Acme', createdAt: before }, key);
  const memberships = new MemoryMemberships(new MemoryInvitations());
  for (const user of ['ann', 'bob', 'eve']) await memberships.put(member(user));
  return { tenants, memberships, suppressions: new MemorySuppressionStore() };
}

let used: Awaited<ReturnType<typeof givenTables>>;
let copy: Awaited<ReturnType<typeof givenTables>>;
let log: StoredEntry[];
let lines: string[];
beforeEach(async () => {
  used = await givenTables();
  copy = await givenTables();
  log = [];
  lines = [];
});

const keep = (restored: Restored = copy) => {
  const inUse: InUse = {
    ...used,
    now: () => new Date(later),
    platforms: { list: async () => [] },
    audit: {
      async *entries() {
        yield* log;
      },
    },
  };
  return keepDecisions(at, inUse, restored, (line) => void lines.push(line));
};

test('a key of the API that was revoked since is revoked in the copy, at the same time', async () => {
  await used.tenants.revoke('hash', after);

  await keep();

  expect((await copy.tenants.keyByHash('hash'))?.revokedAt).toBe(after);
  expect(lines).toEqual(['the API key sd_abc... of Acme stays revoked']);
});

test('a tenant that was suspended since is suspended in the copy, once', async () => {
  const state = { status: 'suspended', since: after, reason: 'spam' } as const;
  await used.tenants.changeState((await used.tenants.get(tenant))!, state);

  await keep();
  await keep();

  expect(await copy.tenants.stateOf(tenant)).toEqual(state);
  expect(lines).toEqual(['the tenant Acme stays suspended']);
});

test('a user who was removed since has no part in the copy, also where only the audit log knows it', async () => {
  await used.memberships.put({ ...member('bob'), endedAt: after });
  // Ended memberships are kept for a day; eve was removed and came back.
  for (const user of ['ann', 'eve']) {
    const change = membershipChange(member(user), { ...member(user), endedAt: after });
    const actor = { kind: 'user', id: 'owner', operation: 'DELETE', requestId: 'r' } as const;
    log.push(entryOf(change, actor, { at: after, random: (size) => new Uint8Array(size) })!);
  }
  const gone = await givenTables();
  const left = (await used.memberships.in(tenant)).filter(({ user }) => user !== 'ann');
  used = { ...used, memberships: gone.memberships };
  used.memberships.in = async () => left;

  await keep();

  const parts = await copy.memberships.in(tenant);
  expect(parts.map(({ user, endedAt }) => [user, endedAt])).toEqual([
    ['ann', later],
    ['bob', after],
    ['eve', undefined],
  ]);
});

test('an address that bounced since is not mailed by the copy either', async () => {
  const address = 'x@gone.example';
  await used.suppressions.add({ tenant, address, reason: 'bounce', addedAt: after });
  await used.suppressions.add({
    tenant,
    address: 'old@e.example',
    reason: 'bounce',
    addedAt: before,
  });

  await keep();

  expect(await copy.suppressions.among(tenant, [address, 'old@e.example'])).toEqual(
    new Set([address]),
  );
});

test('what was decided before the time is as it is in the copy, and tables that were not restored are left alone', async () => {
  await used.tenants.revoke('hash', before);
  await used.memberships.put({ ...member('bob'), endedAt: after });

  await keep({ tenants: copy.tenants });

  expect(lines).toEqual([]);
  expect((await copy.tenants.keyByHash('hash'))?.revokedAt).toBeUndefined();
});
