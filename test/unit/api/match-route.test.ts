import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_PARAMETER, matchRoute } from '#shared/api/match-route.ts';
import { routeKeys } from '#shared/api/routes/index.ts';

const table = [
  'POST /v1/domains',
  'GET /v1/domains',
  'GET /v1/domains/{name}',
  'PATCH /v1/domains/{name}',
  'DELETE /v1/domains/{name}',
  'POST /v1/domains/{name}/checks',
  'GET /v1/domains/{name}/records',
  'POST /v1/messages',
  'GET /v1/messages',
  'GET /v1/messages/{id}',
] as const;
const isShort = (text: string) => text.length <= LONGEST_PARAMETER;
const match = (method: string, path: string) => matchRoute(table, method, path);

describe('matchRoute', () => {
  test.each([
    ['POST', '/v1/domains', 'POST /v1/domains', {}],
    ['GET', '/v1/domains', 'GET /v1/domains', {}],
    ['GET', '/v1/domains/example.com', 'GET /v1/domains/{name}', { name: 'example.com' }],
    [
      'GET',
      '/v1/domains/b%C3%BCcher.example',
      'GET /v1/domains/{name}',
      { name: 'bücher.example' },
    ],
    ['DELETE', '/v1/domains/example.com', 'DELETE /v1/domains/{name}', { name: 'example.com' }],
    [
      'POST',
      '/v1/domains/example.com/checks',
      'POST /v1/domains/{name}/checks',
      { name: 'example.com' },
    ],
    [
      'GET',
      '/v1/domains/example.com/records',
      'GET /v1/domains/{name}/records',
      { name: 'example.com' },
    ],
    ['POST', '/v1/messages', 'POST /v1/messages', {}],
    ['GET', '/v1/messages/m_1', 'GET /v1/messages/{id}', { id: 'm_1' }],
  ])('%s %s is %s', (method, path, routeKey, params) => {
    expect(match(method, path)).toEqual({
      kind: 'found',
      routeKey,
      params,
    });
  });

  test.each([
    ['PUT', '/v1/domains', ['POST', 'GET']],
    ['PUT', '/v1/domains/example.com', ['GET', 'PATCH', 'DELETE']],
    ['GET', '/v1/domains/example.com/checks', ['POST']],
    ['DELETE', '/v1/messages', ['POST', 'GET']],
    ['get', '/v1/messages/m_1', ['GET']],
  ])('%s %s is a wrong method', (method, path, allow) => {
    expect(match(method, path)).toEqual({ kind: 'wrong-method', allow });
  });

  test.each([
    '',
    '/',
    '/v1',
    '/v2/domains',
    '/v1/domains/',
    '/v1/domains//records',
    '/v1/domains/example.com/nothing',
    '/v1/domains/a/b/c',
    '/v1/domains/%zz',
    '/V1/domains',
  ])('%j is not there, by any method', (path) => {
    for (const method of ['GET', 'POST', 'DELETE', 'PATCH']) {
      expect(match(method, path)).toEqual({ kind: 'not-found' });
    }
  });

  test('no two routes answer the same request', () => {
    const requests = routeKeys.map((key) => key.replaceAll(/\{\w+\}/g, '{}'));
    expect(new Set(requests).size).toBe(requests.length);
  });

  test('a parameter that is too long for anything to be there leads to nothing', () => {
    const longest = `/v1/domains/${'ä'.repeat(LONGEST_PARAMETER)}`;
    expect(match('GET', longest)).toMatchObject({ kind: 'found' });
    expect(match('GET', `${longest}ä`)).toEqual({ kind: 'not-found' });
  });

  test('any parameter arrives as it was encoded', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter(isShort),
        (name) => {
          expect(match('GET', `/v1/domains/${encodeURIComponent(name)}`)).toEqual({
            kind: 'found',
            routeKey: 'GET /v1/domains/{name}',
            params: { name },
          });
        },
      ),
    );
  });
});
