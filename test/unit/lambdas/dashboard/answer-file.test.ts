import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerFile } from '../../../../lambdas/dashboard/answer-file.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'page-'));
  mkdirSync(join(root, 'files/assets'), { recursive: true });
  writeFileSync(join(root, 'secret.json'), '{}');
  writeFileSync(join(root, 'files/index.html'), '<h1>é</h1>');
  writeFileSync(join(root, 'files/sources'), 'no type');
  writeFileSync(join(root, 'files/assets/page-Ab1_-c.js'), 'export {};');
  writeFileSync(join(root, 'files/assets/open-sans-1.woff2'), Buffer.from([0, 255, 128]));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const answer = (file: string | undefined, method = 'GET') =>
  answerFile(
    { pathParameters: { file }, requestContext: { http: { method } } },
    { folder: join(root, 'files'), made: { 'config.json': '{"signIn":{}}' } },
  );

describe('a file of the page', () => {
  it('is asked for each time where it is the page itself', async () => {
    expect(await answer('index.html')).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
      body: '<h1>é</h1>',
      isBase64Encoded: false,
    });
  });

  it('is kept for a year where its name has a hash of its content', async () => {
    expect(await answer('assets/page-Ab1_-c.js')).toMatchObject({
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      },
      body: 'export {};',
    });
  });

  it('is Base64 where it is a font', async () => {
    expect(await answer('assets/open-sans-1.woff2')).toMatchObject({
      body: 'AP+A',
      isBase64Encoded: true,
    });
  });

  it('may be what the deployment makes', async () => {
    expect(await answer('config.json')).toMatchObject({
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
      body: '{"signIn":{}}',
    });
  });

  it('has no body where only its header is asked for', async () => {
    expect(await answer('index.html', 'HEAD')).toMatchObject({ statusCode: 200, body: '' });
  });

  it.each([
    undefined,
    '',
    'missing.html',
    'assets/missing-1.js',
    'assets',
    'sources',
    '../secret.json',
    'assets/../../secret.json',
    'assets//page-Ab1_-c.js',
    'constructor.json',
    '%2e%2e/secret.json',
    'index.html\0.html',
  ])('%j is not there, which nobody keeps', async (file) => {
    expect(await answer(file)).toMatchObject({
      statusCode: 404,
      headers: { 'cache-control': 'no-store' },
      body: 'Not found\n',
    });
  });
});
