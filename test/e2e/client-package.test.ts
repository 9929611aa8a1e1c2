import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packClient } from '../../cli/client/pack.ts';
import { sharedService, type Service } from './support/service.ts';

const run = promisify(execFile);
const tsc = resolve(import.meta.dirname, '../../node_modules/.bin/tsc');

/** A customer's program. Each line below a `@ts-expect-error` is one that its types refuse. */
const PROGRAM = `
import { senderDomains, type Schemas } from 'sender-domains-client';

const [, , baseUrl = '', key = ''] = process.argv;
const api = senderDomains({ baseUrl, key });

const { data, error } = await api.POST('/v1/domains', { body: { name: 'client.example' } });
if (data === undefined) throw new Error(error?.detail);
const domain: Schemas['Domain'] = data;

const missing = await api.GET('/v1/domains/{name}', { params: { path: { name: 'none.example' } } });
const unknown = await senderDomains({ baseUrl, key: 'sd_none' }).GET('/v1/domains');

export const wrong = [
  // @ts-expect-error no such path
  () => api.GET('/v1/nothing'),
  // @ts-expect-error a name is a string
  () => api.POST('/v1/domains', { body: { name: 1 } }),
  // @ts-expect-error no such field
  () => domain.nothing,
];
console.log(
  JSON.stringify([domain.name, missing.response.status, missing.error?.code, unknown.response.ok]),
);
`;

let service: Service;
let folder: string;

beforeAll(async () => {
  service = await sharedService();
  folder = await mkdtemp(join(tmpdir(), 'sender-domains-customer-'));
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true });
});

test('the client package is installed without the network, has types that hold, and works', async () => {
  const file = await packClient(folder);
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await writeFile(join(folder, 'use.ts'), PROGRAM);
  const cache = join(folder, 'empty-cache');
  const options = ['--offline', '--no-audit', '--no-fund', '--cache', cache];
  await run('npm', ['install', ...options, file], { cwd: folder });

  const types = resolve(import.meta.dirname, '../../node_modules/@types');
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  const checked = await run(tsc, [...strict, '--typeRoots', types, '--types', 'node', 'use.ts'], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error);
  expect(checked.stdout).toBe('');

  const api = await service.newTenant('client package');
  const { stdout } = await run(process.execPath, ['use.ts', api.base, api.key], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(['client.example', 404, 'not-found', false]);
});
