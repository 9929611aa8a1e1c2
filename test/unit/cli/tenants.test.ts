import { randomBytes } from 'node:crypto';
import { hashApiKey } from '#shared/core/model/api-key.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../../cli/command.ts';
import { createTenant, issueKey, revokeApiKey } from '../../../cli/tenants.ts';
import { authorize } from '../../../lambdas/authorizer/authorize.ts';
import { MemoryPlatformStore } from '../../fakes/platform-store.ts';
import { MemoryTenantStore } from '../../fakes/tenant-store.ts';

function givenPorts() {
  const tenants = new MemoryTenantStore();
  return {
    tenants,
    platforms: new MemoryPlatformStore(tenants),
    clock: { now: () => new Date('2026-11-20T10:00:00.000Z') },
    random: { bytes: (size: number): Uint8Array => randomBytes(size) },
    users: { userOf: async () => undefined },
    memberships: { of: async () => ({ memberships: [], wasRemoved: false }) },
    noteKeyUse: async () => {},
  };
}

const address = '192.0.2.1';

describe('tenants, from the command line', () => {
  test('a new tenant’s key opens the API, and only its hash is kept', async () => {
    const ports = givenPorts();
    const { tenant, key } = await createTenant('Acme', ports);
    expect(await authorize({ authorization: `Bearer ${key}`, address }, ports)).toEqual({
      tenant: tenant.id,
      key: hashApiKey(key),
      scopes: allScopes.join(' '),
    });
    expect(JSON.stringify(await ports.tenants.list())).not.toContain(key);
  });

  test('a name serves one tenant', async () => {
    const ports = givenPorts();
    const { tenant } = await createTenant('Acme', ports);
    await expect(createTenant('Acme', ports)).rejects.toThrow(tenant.id);
    expect(await ports.tenants.list()).toHaveLength(1);
  });

  test('a further key is made by name or id', async () => {
    const ports = givenPorts();
    const { tenant, key } = await createTenant('Acme', ports);
    const keys = [key, (await issueKey('Acme', ports)).key, (await issueKey(tenant.id, ports)).key];
    expect(new Set(keys).size).toBe(3);
    for (const one of keys) {
      expect((await authorize({ authorization: `Bearer ${one}`, address }, ports))?.tenant).toBe(
        tenant.id,
      );
    }
    await expect(issueKey('Bcme', ports)).rejects.toBeInstanceOf(CommandError);
  });

  test('a name that several tenants came to have needs an id', async () => {
    const ports = givenPorts();
    const { tenant } = await createTenant('Acme', ports);
    const { tenant: other } = await createTenant('Other', ports);
    const list = ports.tenants.list.bind(ports.tenants);
    ports.tenants.list = async () =>
      (await list()).map((one) => ({ ...one, tenant: { ...one.tenant, name: 'Acme' } }));
    await expect(issueKey('Acme', ports)).rejects.toThrow(`${tenant.id}, ${other.id}`);
  });

  test.each(['prefix', 'hash', 'key'] as const)(
    'a key is revoked by its %s, the others stay',
    async (by) => {
      const ports = givenPorts();
      const { key } = await createTenant('Acme', ports);
      const [stored] = (await ports.tenants.list())[0]!.keys;
      const kept = await issueKey('Acme', ports);
      const given = by === 'key' ? key : stored![by];
      expect((await revokeApiKey(given, ports)).revoked.hash).toBe(stored!.hash);
      expect(await authorize({ authorization: `Bearer ${key}`, address }, ports)).toBeUndefined();
      expect(
        await authorize({ authorization: `Bearer ${kept.key}`, address }, ports),
      ).toBeDefined();
    },
  );

  test('no key is revoked by a part of its prefix, nor by one that two share', async () => {
    const ports = givenPorts();
    ports.random = { bytes: (size) => new Uint8Array(size).fill(9) };
    await createTenant('Acme', ports);
    ports.random = { bytes: (size) => new Uint8Array(size).fill(9).with(size - 1, 8) };
    await issueKey('Acme', ports);
    const [{ keys }] = (await ports.tenants.list()) as [
      Awaited<ReturnType<MemoryTenantStore['list']>>[number],
    ];
    await expect(revokeApiKey('sd_', ports)).rejects.toThrow('no such key');
    await expect(revokeApiKey(keys[0]!.prefix, ports)).rejects.toThrow(keys[1]!.hash);
    await revokeApiKey(keys[1]!.hash, ports);
    expect(await ports.tenants.keyByHash(keys[0]!.hash)).not.toHaveProperty('revokedAt');
  });
});
