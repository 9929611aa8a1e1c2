import { expect, test } from 'vitest';
import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { apiKeys, type ApiKeyDocument } from '#shared/api/routes/api-keys.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { MemoryAnswerStore } from '../../fakes/answer-store.ts';
import { givenEvent, type Asked } from './given-event.ts';

const key: ApiKeyDocument = {
  id: 'the-id',
  name: null,
  prefix: 'sd_',
  scopes: ['keys'],
  createdAt: '2026-11-20T10:00:00.000Z',
  strict: false,
  domains: null,
  addresses: null,
  expiresAt: null,
  madeBy: null,
  lastUsed: null,
  self: false,
  revokedAt: null,
};
const caller = { tenant: 't_tester' as TenantId, scopes: 'keys' };
const issue = {
  method: 'POST',
  path: '/v1/api-keys',
  headers: { 'content-type': 'application/json' },
  body: '{"name":" mine ","scopes":["keys"]}',
};

const useCases = {
  listApiKeys: async () => ({ keys: [] }),
  issueApiKey: async ({ body: { name } }) => ({ ...key, name, key: 'sd_secret' }),
  revokeApiKey: async ({ tenant, params: { id } }) => ({ ...key, id, name: tenant, made: [] }),
} satisfies UseCases<'api-keys', object>;

async function ask(asked: Asked, changed: Partial<UseCases<'api-keys', object>> = {}) {
  const answer = dispatcher<'api-keys', object>(apiKeys, { ...useCases, ...changed });
  const reported: unknown[] = [];
  const { statusCode, headers, body } = await answer(
    givenEvent({ caller, ...asked }),
    { answers: new MemoryAnswerStore(), clock: { now: () => new Date() } },
    (error) => reported.push(error),
  );
  return { status: statusCode, headers, body: JSON.parse(body ?? '') as object, reported };
}

test('a use case gets what its route declares, decoded, and its answer goes out by it', async () => {
  expect(await ask({ path: '/v1/api-keys' })).toMatchObject({ status: 200, body: { keys: [] } });
  const made = await ask(issue);
  expect(made).toMatchObject({ status: 201, body: { ...key, name: 'mine', key: 'sd_secret' } });
  expect(made.headers).toMatchObject({
    'content-type': 'application/json',
    location: '/v1/api-keys/the-id',
  });
  const revoked = await ask({ method: 'DELETE', path: '/v1/api-keys/a%20b' });
  expect(revoked.body).toEqual({ ...key, id: 'a b', name: 't_tester', made: [] });
  expect(revoked.headers).not.toHaveProperty('location');
});

test('a use case may refuse before the body is read', async () => {
  const broken = { ...issue, body: '{' };
  const busy = { issueApiKey: () => Promise.reject(new Conflict('it')) };
  expect(await ask(broken, busy)).toMatchObject({ status: 503, reported: [] });
  expect(await ask(broken)).toMatchObject({ status: 400, reported: [] });
});

test('only failures of ours are reported, and the answer reveals none of them', async () => {
  const error = new Error('table t_other');
  const failed = await ask(issue, { issueApiKey: () => Promise.reject(error) });
  expect(failed).toMatchObject({ status: 500, reported: [error] });
  expect(JSON.stringify(failed.body)).not.toContain('t_other');
});

test('a function takes a use case for each of its operations and for no other', () => {
  const { revokeApiKey: _, ...incomplete } = useCases;
  // @ts-expect-error -- `revokeApiKey` is a route of its own
  const lacking: UseCases<'api-keys', object> = incomplete;
  const { listApiKeys: listUsers } = useCases;
  // @ts-expect-error -- `listUsers` is another function's
  const strange = { ...useCases, listUsers } satisfies UseCases<'api-keys', object>;
  expect([lacking, strange]).toHaveLength(2);
});
