/**
 * Every operation against every scope, role, binding, kind of caller and state of the tenant: what
 * the dispatcher lets through to the use case, and what it refuses, by the rules below.
 */
import { describe, expect, test } from 'vitest';
import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import type { AuthorizerContext } from '#shared/api/http.ts';
import { routes, type Operation, type Routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { roles, roleScopes } from '#shared/core/model/roles.ts';
import { allScopes, formerScopes, namesOf, type Scope } from '#shared/core/model/scopes.ts';
import type { TenantStatus } from '#shared/core/model/tenant-state.ts';
import { givenEvent } from './given-event.ts';

const tenant = 't_tester' as TenantId;
const platform = 'p_tester' as PlatformId;
const DOMAIN = 'a.example';

/** A caller, as the authorizer passes it, and what the rules need to know of it. */
interface Caller {
  readonly name: string;
  readonly context: AuthorizerContext | null;
  /** The scopes that it has for a tenant; undefined where it names none. */
  readonly scopes?: readonly Scope[];
}

const forTenant = (
  name: string,
  names: string,
  scopes: readonly Scope[],
  more: Partial<AuthorizerContext> = {},
): Caller => ({ name, scopes, context: { tenant, scopes: names, ...more } });

const callers: readonly Caller[] = [
  { name: 'nobody', context: null },
  ...allScopes.map((scope) => forTenant(`a key for ${scope}`, scope, [scope], { key: 'k' })),
  ...Object.entries(formerScopes).map(([name, scopes]) =>
    forTenant(`a former key for ${name}`, name, scopes, { key: 'k' }),
  ),
  forTenant('a key for nothing', 'nonsense', [], { key: 'k' }),
  ...roles.map((role) =>
    forTenant(`a user, ${role}`, namesOf(roleScopes[role]), roleScopes[role], {
      user: 'ann',
      accounts: `${tenant}:${role}`,
    }),
  ),
  { name: 'a user of no account', context: { user: 'ann', scopes: '' } },
  { name: 'a user of several accounts', context: { user: 'ann', scopes: '', accounts: 't t' } },
  { name: 'a platform', context: { platform, key: 'k', scopes: '' } },
  { name: 'a user of a platform', context: { platform, user: 'ann', scopes: '' } },
  forTenant('a platform for a tenant', namesOf(allScopes), allScopes, { platform, key: 'k' }),
  forTenant('a token that reads', 'domains:read', ['domains:read'], { platform, token: 'true' }),
  forTenant('a token', 'domains', formerScopes.domains, { platform, token: 'true' }),
];

const bindings = { none: undefined, own: DOMAIN, other: 'other.example' } as const;
const states: readonly TenantStatus[] = ['active', 'suspended', 'closed'];

/** The rules, in the words of docs/api.md: whether a caller may do what a route does. */
function isAllowed(
  route: Route,
  { context, scopes }: Caller,
  binding: keyof typeof bindings,
  state: TenantStatus,
): boolean {
  if (route.scope === null) return true;
  if (context === null) return false;
  const isPlatform = context.platform !== undefined && context.token === undefined;
  if (route.scope === 'platform') return isPlatform && scopes === undefined;
  if (route.scope === 'user') return context.user !== undefined && !isPlatform;
  if (scopes === undefined) return isPlatform && route.acrossTenants === true;
  if (route.scope !== 'any' && !scopes.includes(route.scope)) return false;
  const isOfDomain = route.path.startsWith('/v1/domains/{name}');
  if (binding === 'own' && !isOfDomain && route.keepsToDomains !== true) return false;
  if (binding === 'other' && route.keepsToDomains !== true) return false;
  return state === 'active' || (state === 'suspended' && route.method === 'GET');
}

/** The real dispatcher, with a use case that notes that it was let through. */
async function isLetThrough(
  operation: Operation,
  route: Route,
  caller: AuthorizerContext | null,
): Promise<boolean> {
  let isReached = false;
  const useCases = {
    [operation]: () => {
      isReached = true;
      return Promise.reject(new Error('reached'));
    },
  } as unknown as UseCases<Routes[Operation]['function'], object>;
  const answer = dispatcher<Routes[Operation]['function'], object>(
    { [operation]: route } as never,
    useCases,
  );
  const path = route.path.replaceAll('{name}', DOMAIN).replaceAll(/\{\w+\}/g, 'x');
  const event = givenEvent({ method: route.method, path, caller });
  const ports = { answers: undefined as never, clock: { now: () => new Date(0) } };
  const { statusCode } = await answer(event, ports, () => {});
  if (!isReached) expect([400, 401, 403]).toContain(statusCode);
  return isReached;
}

describe('the matrix of access', () => {
  test.each(Object.entries<Route>(routes))('of %s is as declared', async (operation, route) => {
    const wrong: string[] = [];
    for (const caller of callers) {
      for (const binding of Object.keys(bindings) as (keyof typeof bindings)[]) {
        for (const state of states) {
          const isForTenant = caller.scopes !== undefined && caller.context !== null;
          if (!isForTenant && (binding !== 'none' || state !== 'active')) continue;
          const domains = bindings[binding];
          const context = caller.context && {
            ...caller.context,
            ...(domains === undefined ? {} : { domains }),
            ...(state === 'active' ? {} : { status: state }),
          };
          const found = await isLetThrough(operation as Operation, route, context);
          if (found === isAllowed(route, caller, binding, state)) continue;
          wrong.push(`${caller.name}, bound to ${binding}, ${state}: ${found}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('has a caller who may and one who may not for every operation with a scope', () => {
    for (const route of Object.values<Route>(routes)) {
      const may = callers.filter((caller) => isAllowed(route, caller, 'none', 'active'));
      expect(may.length, route.path).toBeGreaterThan(0);
      if (route.scope !== null) expect(may.length, route.path).toBeLessThan(callers.length);
    }
  });

  test('has every role within the one before', () => {
    for (const [index, role] of roles.entries()) {
      const stronger = roles[index - 1];
      if (stronger === undefined) continue;
      const scopes: readonly Scope[] = roleScopes[stronger];
      expect(roleScopes[role].every((scope) => scopes.includes(scope))).toBe(true);
      expect(roleScopes[role].length).toBeLessThan(scopes.length);
    }
    expect(roleScopes.owner).toEqual(allScopes);
  });
});
