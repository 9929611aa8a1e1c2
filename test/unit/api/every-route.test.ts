import { describe, expect, test } from 'vitest';
import type { AuthorizerContext, RefusedCaller } from '#shared/api/http.ts';
import type { Dispatch } from '#shared/api/dispatch.ts';
import { openApiDocument } from '#shared/api/openapi.ts';
import { routeKeys, routes, type Operation, type Routes } from '#shared/api/routes/index.ts';
import { readsItself, takesIdempotencyKey, type Route } from '#shared/api/routes/route.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import { refusalStatus } from '#shared/core/model/errors.ts';
import type { TenantStatus } from '#shared/core/model/tenant-state.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { answer as apiKeys } from '../../../lambdas/api-keys/answer.ts';
import { answerBy } from '../../../lambdas/domains/answer.ts';
import { answer as audit } from '../../../lambdas/audit/answer.ts';
import { answer as imports } from '../../../lambdas/imports/answer.ts';
import { answer as messages } from '../../../lambdas/messages/answer.ts';
import { answer as suppressions } from '../../../lambdas/suppressions/answer.ts';
import { answer as tenants } from '../../../lambdas/tenants/answer.ts';
import { answer as users } from '../../../lambdas/users/answer.ts';
import { answer as webhookSettings } from '../../../lambdas/webhook-settings/answer.ts';
import { givenEvent, type Asked } from './given-event.ts';

/** Of each function that has routes. */
const answers = {
  audit,
  domains: answerBy(routeKeys),
  imports,
  messages,
  suppressions,
  tenants,
  users,
  'api-keys': apiKeys,
  'webhook-settings': webhookSettings,
} satisfies Record<Routes[Operation]['function'], Dispatch<never>>;

/** Ports that must not be called: a request refused in time reaches none. */
const untouched = new Proxy(
  {},
  {
    get: (_, port) => {
      throw new Error(`${String(port)} was touched`);
    },
  },
) as never;

const scopes = allScopes.join(' ');
const caller = (of: string) => ({ tenant: 't_tester' as TenantId, scopes: of });

const all = Object.entries<Route>(routes);
const isOfTenant = (scope: Route['scope']): boolean =>
  scope !== null && scope !== 'platform' && scope !== 'user';
const those = (wanted: (route: Route) => boolean) => all.filter(([, route]) => wanted(route));

const platform = 'p_tester' as PlatformId;
/** Who may ask for a route, but for its scope. */
function callerOf({ scope }: Route, of = scopes): AuthorizerContext {
  if (scope === 'user') return { user: 'ann', scopes: '' };
  return scope === 'platform' ? { platform, scopes: '' } : caller(of);
}

/** Asks for a route, and expects a problem. */
async function ask(
  route: Route,
  asked: Asked = {},
  answer = answers[route.function as keyof typeof answers] as Dispatch<never>,
) {
  const { method } = route;
  const path = route.path.replaceAll(/\{\w+\}/g, 'example.com');
  const event = givenEvent({ caller: callerOf(route), method, path, ...asked });
  const reported: unknown[] = [];
  const result = await answer(event, untouched, (error) => reported.push(error));
  expect(reported).toEqual([]);
  expect(result.headers?.['content-type']).toBe('application/problem+json');
  const { code, detail } = JSON.parse(result.body ?? '') as { code: string; detail: string };
  return { status: result.statusCode, code, detail, allow: result.headers?.['allow'] };
}

const send = (route: Route, body: string, type = 'application/json') =>
  ask(route, { body, headers: { 'content-type': type } });

describe('every route', () => {
  test.each(all)('%s refuses another method, and says which there are', async (_, route) => {
    const allow = all
      .filter(([, { path }]) => path === route.path)
      .map(([, { method }]) => method)
      .join(', ');
    const wrong = { status: 405, code: 'method-not-allowed', allow };
    expect(await ask(route, { method: 'PUT' })).toMatchObject(wrong);
    expect(await ask(route, { method: 'PUT' }, answers.domains)).toMatchObject(wrong);
  });

  test.each(all)('%s does not answer for what is below it', async (_, route) => {
    const below = { path: `${route.path}/no/such/thing` };
    const missing = { status: 404, code: 'not-found', allow: undefined };
    expect(await ask(route, below)).toMatchObject(missing);
    expect(await ask(route, below, answers.domains)).toMatchObject(missing);
  });

  test.each(those(({ scope }) => scope === 'any'))('%s takes any scope', async (_, route) => {
    const nobody = await ask(route, { caller: null });
    expect(nobody).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  test.each(those(({ scope }) => scope === 'platform'))(
    '%s takes a platform key for itself, and no other',
    async (_, route) => {
      const others = [
        caller(scopes),
        { ...caller(scopes), user: 'ann' },
        { ...caller('domains'), platform, token: 'true', origin: 'https://app.example' },
      ] as const;
      for (const other of others) {
        const refused = await ask(route, { caller: other });
        expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
        expect(refused.detail).toContain('platform key');
      }
      const acting = await ask(route, { caller: { ...caller(scopes), platform } });
      expect(acting).toMatchObject({ status: 400, code: 'invalid-parameter' });
      expect(acting.detail).toContain('leave out the field "Sender-Domains-Tenant"');
      const nobody = await ask(route, { caller: null });
      expect(nobody).toMatchObject({ status: 401, code: 'unauthenticated' });
    },
  );

  test.each(those(({ scope, acrossTenants }) => isOfTenant(scope) && acrossTenants !== true))(
    '%s asks a platform key for the tenant that it acts for',
    async (_, route) => {
      const refused = await ask(route, { caller: { platform, scopes: '' } });
      expect(refused).toMatchObject({ status: 400, code: 'tenant-required' });
      expect(refused.detail).toContain('"Sender-Domains-Tenant: "');
    },
  );

  test.each(those(({ scope }) => scope !== null))(
    '%s refuses in words what the authorizer knew and did not allow',
    async (_, route) => {
      const of = (refused: RefusedCaller) =>
        ask(route, { caller: { ...callerOf(route), refused } });
      expect(await of('tenant-field')).toMatchObject({ status: 403, code: 'forbidden' });
      expect(await of('unknown-tenant')).toMatchObject({ status: 404, code: 'tenant-not-found' });
      expect(await of('origin')).toMatchObject({ status: 403, code: 'origin-not-allowed' });
    },
  );

  test.each(those(({ scope, keepsToDomains }) => isOfTenant(scope) && keepsToDomains !== true))(
    '%s refuses a token that is for other domains',
    async (_, route) => {
      const token = {
        ...caller(scopes),
        platform,
        token: 'true',
        domains: 'other.example',
      } as const;
      const refused = await ask(route, { caller: token });
      expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
      expect(refused.detail).toContain('is for other.example only');
    },
  );

  test.each(those(({ scope }) => isOfTenant(scope) && scope !== 'any'))(
    '%s takes its scope',
    async (_, route) => {
      const others = allScopes.filter((other) => other !== route.scope).join(' ');
      const refused = await ask(route, { caller: caller(others) });
      expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
      expect(refused.detail).toContain(`the scope "${route.scope}"`);
      const nobody = await ask(route, { caller: null });
      expect(nobody).toMatchObject({ status: 401, code: 'unauthenticated' });
    },
  );

  test.each(those(({ scope }) => isOfTenant(scope)))(
    '%s refuses a closed account, and a suspended one unless it reads',
    async (_, route) => {
      const of = (status: TenantStatus) =>
        ask(route, { caller: { ...caller(allScopes.join(' ')), status } });
      expect(await of('closed')).toMatchObject({ status: 403, code: 'account-closed' });
      if (route.method === 'GET') return;
      expect(await of('suspended')).toMatchObject({ status: 403, code: 'account-suspended' });
    },
  );

  test.each(those(({ body }) => body !== undefined && !readsItself(body)))(
    '%s refuses a body that is not of its shape',
    async (_, route) => {
      const invalid = { status: 400, code: 'invalid-body' };
      expect(await send(route, '[]')).toMatchObject(invalid);
      expect(await send(route, '{"colour":"red"}')).toMatchObject(invalid);
      expect(await send(route, '{"')).toMatchObject({ status: 400, code: 'invalid-json' });
      const large = `"${'x'.repeat(65_536)}"`;
      expect(await send(route, large)).toMatchObject({ status: 413, code: 'payload-too-large' });
    },
  );

  test.each(those(({ body }) => body !== undefined))(
    '%s refuses a body of another type',
    async (_, route) => {
      const refused = await send(route, '{}', 'text/plain');
      expect(refused).toMatchObject({ status: 415, code: 'unsupported-media-type' });
      expect(refused.detail).toContain('"text/plain"');
    },
  );

  test.each(those(({ query, body }) => query !== undefined && !readsItself(body)))(
    '%s refuses a query that is not of its shape',
    async (_, route) => {
      const wrong = Object.keys(route.query?.shape ?? {})
        .flatMap((name) => ['', '0', 'x'.repeat(300)].map((value) => ({ [name]: value })))
        .filter((query) => route.query?.safeParse(query).success === false);
      expect(wrong).not.toHaveLength(0);
      for (const query of wrong) {
        const refused = await ask(route, { query });
        expect(refused, JSON.stringify(query)).toMatchObject({
          status: 400,
          code: 'invalid-parameter',
        });
      }
    },
  );

  test.each(those(({ path }) => path.includes('{')))(
    '%s has nothing at a name or id that is too long',
    async (_, route) => {
      const missing = { status: 404, code: 'not-found' };
      for (const long of ['x'.repeat(321), 'x'.repeat(5_000), '%C3%A4'.repeat(1_100)]) {
        const path = route.path.replaceAll(/\{\w+\}/g, long);
        expect(await ask(route, { path })).toMatchObject(missing);
      }
    },
  );

  test.each(those((route) => takesIdempotencyKey(route) && !route.keepsOwnAnswers))(
    '%s refuses an Idempotency-Key that is none, before it does anything',
    async (_, route) => {
      for (const key of ['', 'a b', 'ä', 'x'.repeat(256)]) {
        const headers = { 'content-type': 'application/json', 'idempotency-key': key };
        const refused = await ask(route, { body: '{}', headers });
        expect(refused).toMatchObject({ status: 400, code: 'invalid-parameter' });
      }
    },
  );

  test.each(those(({ answer }) => answer.location !== undefined))(
    '%s names the location of what it made',
    (_, { answer }) => {
      const { properties } = answer.json!.toJSONSchema() as { properties: object };
      for (const [, field = ''] of answer.location?.matchAll(/\{(\w+)\}/g) ?? []) {
        expect(properties).toHaveProperty(field);
      }
    },
  );
});

describe('the OpenAPI document', () => {
  const { paths } = openApiDocument() as {
    paths: Record<string, Record<string, Documented>>;
  };

  test.each(all)('documents what %s takes, and what it may answer', (operation, route) => {
    const { path, method, scope, query, answer, refusals } = route;
    const documented = paths[path]?.[method.toLowerCase()];
    expect(documented?.operationId).toBe(operation);
    expect(documented?.description).toContain(scopeText(scope));
    const parameters = documented?.parameters ?? [];
    expect(parameters.filter((one) => one.in === 'query').map(({ name }) => name)).toEqual(
      Object.keys(query?.shape ?? {}),
    );
    const { responses = {} } = documented ?? {};
    expect(responses[answer.status]?.description).toBe(answer.says);
    for (const code of refusals) {
      expect(responses[refusalStatus[code]]?.description).toContain(`\`${code}\``);
    }
  });
});

function scopeText(scope: Route['scope']): string {
  if (scope === null) return 'no API key';
  if (scope === 'platform') return 'a platform key';
  if (scope === 'user') return 'a user of the dashboard';
  return scope === 'any' ? 'Any API key' : `\`${scope}\``;
}

interface Documented {
  readonly operationId: string;
  readonly description: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Record<string, { readonly description: string }>;
}
