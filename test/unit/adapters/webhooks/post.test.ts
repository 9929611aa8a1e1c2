import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PublicRequestOptions } from '#shared/adapters/https/public-request.ts';
import { publicPost } from '#shared/adapters/webhooks/post.ts';

const tls = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/tls', file), 'utf8');
const ca = tls('hooks.test.pem');
const url = new URL('https://hooks.test/in?a=b');

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
const received: Received[] = [];
let respond: (response: ServerResponse) => void;
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer({ key: tls('hooks.test.key.pem'), cert: ca }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method, url: path, headers } = incoming;
      received.push({ method, url: path, headers, body: Buffer.concat(chunks).toString() });
      respond(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Posts with a name that resolves so, to the test's own server where that is allowed. */
const post = (addresses: string[], options: Partial<PublicRequestOptions> = {}) =>
  publicPost(async () => addresses, { port, ca, timeoutMs: 60_000, ...options })(
    url,
    { 'webhook-id': 'evt_1' },
    '{"ü":1}',
  );
const allowed = { isAllowed: (address: string) => address === '127.0.0.1' };

describe('a post', () => {
  test('goes to the address that was checked, in the name of the host', async () => {
    received.length = 0;
    respond = (response) => response.writeHead(204).end();
    expect(await post(['127.0.0.1'], allowed)).toEqual({ status: 204 });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/in?a=b',
        body: '{"ü":1}',
        headers: { host: 'hooks.test', 'webhook-id': 'evt_1', 'content-length': '8' },
      },
    ]);
  });

  test('does not follow a redirect', async () => {
    received.length = 0;
    respond = (response) => response.writeHead(302, { location: 'https://127.0.0.1/' }).end();
    expect(await post(['127.0.0.1'], allowed)).toEqual({ status: 302 });
    expect(received).toHaveLength(1);
  });

  test('reads no more of an answer than a little', async () => {
    respond = (response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(65_536), more);
      };
      more();
    };
    expect(await post(['127.0.0.1'], allowed)).toEqual({ status: 200 });
  });

  test('waits no longer than it may', async () => {
    respond = () => {};
    expect(await post(['127.0.0.1'], { ...allowed, timeoutMs: 100 })).toEqual({
      error: 'no answer within 0.1 s',
    });
  });

  test('goes to no server that cannot show the host’s certificate', async () => {
    received.length = 0;
    const other = publicPost(async () => ['127.0.0.1'], { port, ca, ...allowed });
    const outcome = await other(new URL('https://other.test/'), {}, '{}');
    expect(outcome).toMatchObject({ error: expect.stringContaining('altnames') });
    expect(received).toEqual([]);
  });
});

describe('nothing is sent', () => {
  test.each([
    [['127.0.0.1']],
    [['169.254.169.254']],
    [['10.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['1.1.1.1', '127.0.0.1']],
  ])('where the name leads to %j', async (addresses) => {
    received.length = 0;
    expect(await post(addresses)).toEqual({
      error: 'hooks.test leads to an address that is not on the public internet',
    });
    expect(received).toEqual([]);
  });

  test('where the name leads nowhere', async () => {
    expect(await post([])).toEqual({ error: 'hooks.test has no address' });
  });
});
