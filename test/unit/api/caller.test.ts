import { describe, expect, test } from 'vitest';
import { requireCaller } from '#shared/api/caller.ts';
import type { AuthorizerContext } from '#shared/api/http.ts';
import type { Route } from '#shared/api/routes/route.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { givenEvent } from './given-event.ts';

const tenant = 't_a' as TenantId;
const platform = 'p_a' as PlatformId;
type Asked = Parameters<typeof requireCaller>[1];
const domains: Asked = { scope: 'domains:read', path: '/v1/domains' };
const writes: Asked = { scope: 'domains:write', path: '/v1/domains' };
const ofDomain: Asked = { scope: 'domains:read', path: '/v1/domains/{name}/records' };
const changesDomain: Asked = { scope: 'domains:write', path: '/v1/domains/{name}' };

const ask = (caller: AuthorizerContext, route: Asked = domains, method = 'GET', name?: string) =>
  requireCaller(givenEvent({ method, caller }), route, name === undefined ? {} : { name });
const as = (scopes: string): AuthorizerContext => ({ tenant, scopes });

const token = (scopes: string, of?: string): AuthorizerContext => ({
  tenant,
  platform,
  scopes,
  token: 'true',
  ...(of === undefined ? {} : { domains: of }),
});

describe('requireCaller', () => {
  test('gives the tenant of a key that has the scope', () => {
    expect(ask(as('messages domains'))).toEqual({ tenant, platform: undefined });
  });

  test.each(['', 'messages', 'domainsx'])('refuses a key with %j', (scopes) => {
    expect(() => ask(as(scopes))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  test('lets a suspended account read, and says whom to ask for the rest', () => {
    const suspended = { ...as('domains'), status: 'suspended' } as const;
    expect(ask(suspended).tenant).toBe(tenant);
    expect(() => ask(suspended, writes, 'POST')).toThrow(/suspended.*Ask the operator/);
  });

  test('gives a platform the tenant that it acts for, and none where a route is for all of them', () => {
    expect(ask({ ...as('domains'), platform })).toEqual({ tenant, platform });
    const itself = { platform, scopes: '' };
    expect(ask(itself, { ...domains, acrossTenants: true })).toEqual({
      tenant: undefined,
      platform,
    });
    expect(() => ask(itself)).toThrow(expect.objectContaining({ code: 'tenant-required' }));
  });

  describe('for a token', () => {
    test('gives the tenant, not the platform, whose budgets are not for pages', () => {
      expect(ask(token('domains'))).toEqual({ tenant, platform: undefined });
    });

    test('that reads, allows reads and checks, and no change', () => {
      const check: Asked = { ...ofDomain, path: '/v1/domains/{name}/checks' };
      const reads = token('domains:read');
      expect(ask(reads).tenant).toBe(tenant);
      expect(ask(reads, check, 'POST', 'a.example').tenant).toBe(tenant);
      for (const method of ['POST', 'PATCH', 'DELETE']) {
        expect(() => ask(reads, changesDomain, method, 'a.example')).toThrow('lacks the scope');
      }
      const messages: Asked = { scope: 'messages:read', path: '/v1/messages' };
      expect(() => ask(reads, messages)).toThrow('lacks the scope "messages:read"');
    });

    test('of some domains, allows the routes of these, however they are written', () => {
      const bound = token('domains', 'a.example xn--bcher-kva.example');
      for (const name of ['a.example', 'A.Example.', 'bücher.example']) {
        expect(ask(bound, ofDomain, 'PATCH', name).tenant).toBe(tenant);
      }
      for (const name of ['b.example', 'sub.a.example', 'example']) {
        expect(() => ask(bound, ofDomain, 'GET', name)).toThrow(/is for a\.example|one label/);
      }
      const route: Route['path'] = '/v1/records';
      expect(() => ask(bound, { scope: 'domains:read', path: route })).toThrow(
        'is for a.example, xn--',
      );
      expect(() => ask(bound, { scope: 'any', path: '/v1/limits' })).toThrow('is for a.example');
    });
  });

  test('refuses a caller that no authorizer named', () => {
    expect(() => requireCaller(givenEvent({ caller: null }), domains)).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });
});
