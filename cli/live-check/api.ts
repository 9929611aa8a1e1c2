import { type Bytes, type Check, demand } from './check.ts';
import type { Lab } from './lab.ts';

interface Asked {
  readonly status: number;
  readonly headers: Headers;
}

async function ask(
  { api }: Lab,
  bytes: Bytes,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Asked> {
  const response = await fetch(new URL(path, api), {
    method,
    headers,
    signal: AbortSignal.timeout(30_000),
  });
  const fields = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('; ');
  bytes.lines.push(`${method} ${path}: ${response.status} (${fields}) ${await response.text()}`);
  return { status: response.status, headers: response.headers };
}

export const api = {
  'no-key': {
    line: 'The API refuses a call without a key by 401.',
    async run(lab, bytes) {
      const { status } = await ask(lab, bytes, '/v1/limits');
      demand(status === 401, `It answered ${status}.`);
    },
  },
  'unknown-key': {
    line: 'The API refuses a key that nobody has by 403.',
    async run(lab, bytes) {
      const headers = { authorization: `Bearer ${lab.fresh}` };
      const { status } = await ask(lab, bytes, '/v1/limits', { headers });
      demand(status === 403, `It answered ${status}.`);
    },
  },
  preflight: {
    line: 'A preflight request reaches its own route, without the authorizer.',
    row: 'A preflight request reaches the route',
    async run(lab, bytes) {
      const headers = {
        origin: 'https://live-check.example',
        'access-control-request-method': 'GET',
      };
      const { status } = await ask(lab, bytes, '/v1/limits', { method: 'OPTIONS', headers });
      demand(status === 204, `It answered ${status}.`);
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
