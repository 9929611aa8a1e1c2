import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchRoute } from '#shared/api/match-route.ts';
import { routeKeys, routes, type Operation } from '#shared/api/routes/index.ts';
import { routeKeyOf } from '#shared/api/routes/route.ts';

const match = (method: string, path: string) => matchRoute(routeKeys, method, path);
const keyOf = (operation: string) => routeKeyOf(routes[operation as Operation]);

describe('matchRoute', () => {
  test.each([
    ['POST', '/v1/domains', 'claimDomain', {}],
    ['GET', '/v1/domains', 'listDomains', {}],
    ['GET', '/v1/domains/example.com', 'getDomain', { name: 'example.com' }],
    ['GET', '/v1/domains/b%C3%BCcher.example', 'getDomain', { name: 'bücher.example' }],
    ['DELETE', '/v1/domains/example.com', 'deleteDomain', { name: 'example.com' }],
    ['POST', '/v1/domains/example.com/checks', 'checkDomain', { name: 'example.com' }],
    ['GET', '/v1/domains/example.com/records', 'exportRecords', { name: 'example.com' }],
    ['POST', '/v1/messages', 'submitMessage', {}],
    ['GET', '/v1/messages/m_1', 'getMessage', { id: 'm_1' }],
  ])('%s %s is %s', (method, path, operation, params) => {
    expect(match(method, path)).toEqual({
      kind: 'found',
      routeKey: keyOf(operation),
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
    const requests = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
    expect(new Set(requests).size).toBe(requests.length);
  });

  test('any parameter arrives as it was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        expect(match('GET', `/v1/domains/${encodeURIComponent(name)}`)).toEqual({
          kind: 'found',
          routeKey: keyOf('getDomain'),
          params: { name },
        });
      }),
    );
  });
});
