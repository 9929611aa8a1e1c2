import { expect, test } from 'vitest';
import { matchRoute, parseRouteKey } from '../../../local/runtime/http-api/route.ts';

const routes = [
  '$default',
  'ANY /v1/domains/{name}',
  'GET /v1/domains/{name}',
  'GET /v1/domains/{name}/records',
  'GET /v1/domains/mine',
  'POST /v1/domains',
  'GET /files/{path+}',
  'GET /files/{id}/meta',
].map((routeKey) => ({ routeKey }));

test.each([
  ['POST', '/v1/domains', 'POST /v1/domains', {}],
  ['GET', '/v1/domains/example.com', 'GET /v1/domains/{name}', { name: 'example.com' }],
  ['DELETE', '/v1/domains/example.com', 'ANY /v1/domains/{name}', { name: 'example.com' }],
  ['GET', '/v1/domains/mine', 'GET /v1/domains/mine', {}],
  ['GET', '/v1/domains/a/records', 'GET /v1/domains/{name}/records', { name: 'a' }],
  ['GET', '/v1/domains/b%C3%BCcher.example', 'GET /v1/domains/{name}', { name: 'bücher.example' }],
  ['GET', '/v1/domains/%ZZ', 'GET /v1/domains/{name}', { name: '%ZZ' }],
  ['GET', '/files/a/b/c', 'GET /files/{path+}', { path: 'a/b/c' }],
  ['GET', '/files/a/meta', 'GET /files/{id}/meta', { id: 'a' }],
  ['GET', '/v1/domains', '$default', {}],
  ['POST', '/v1/domains/', '$default', {}],
  ['GET', '/', '$default', {}],
  ['PUT', '/files/a', '$default', {}],
])('%s %s goes to %s', (method, path, routeKey, pathParameters) => {
  expect(matchRoute(routes, method, path)).toEqual({ route: { routeKey }, pathParameters });
});

test('without a default route nothing matches what no route names', () => {
  expect(matchRoute([{ routeKey: 'GET /a' }], 'GET', '/b')).toBeUndefined();
});

test('a malformed route key is refused', () => {
  expect(() => parseRouteKey('/v1/domains')).toThrow('/v1/domains is no route key');
});
