import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { givenTestEnvironment } from '../../unit/lambdas/domains/test-environment.ts';

/** Serves the domain routes of a test environment by HTTP, for a browser without an API key. */
export async function serveRoutes(
  testEnvironment: ReturnType<typeof givenTestEnvironment>,
): Promise<{ url: string; close: () => Promise<void>; asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const { method = 'GET', headers, url = '/' } = request;
    asked.push(`${method} ${url}`);
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const answer = async () => {
      const body = await text(request);
      const fields = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      return testEnvironment.ask(method, pathname, {
        caller: null,
        headers: Object.fromEntries(fields) as Record<string, string>,
        query: Object.fromEntries(searchParams),
        ...(body === '' ? {} : { body }),
      });
    };
    answer().then(
      ({ status, headers: sent, text: content }) => {
        response.writeHead(status ?? 500, sent as Record<string, string>);
        response.end(content);
      },
      (error: unknown) => {
        response.writeHead(500);
        response.end(String(error));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
