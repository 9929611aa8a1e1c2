import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretOf, signWebhook } from '#shared/adapters/webhooks/signature.ts';
import { freePort } from '../support/dynamo.ts';
import { until, type Api } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';

const folder = resolve(import.meta.dirname, '../../docs/examples');

/** How each language runs its programs. */
const languages = {
  curl: { setUp: ['sh', 'curl/set-up.sh'], send: ['sh', 'curl/send.sh'] },
  node: { setUp: [process.execPath, 'node/set-up.mjs'], send: [process.execPath, 'node/send.mjs'] },
  python: { setUp: ['python3', 'python/set_up.py'], send: ['python3', 'python/send.py'] },
  php: { setUp: ['php', 'php/set-up.php'], send: ['php', 'php/send.php'] },
} as const;

const endpoints = {
  node: () => [process.execPath, 'node/webhook.mjs'],
  python: () => ['python3', 'python/webhook.py'],
  php: (port: number) => ['php', '-S', `127.0.0.1:${port}`, 'php/webhook.php'],
} as const;

let service: Service;

beforeAll(async () => {
  service = await sharedService();
});
afterAll(() => service?.stop());

interface Program {
  readonly child: ChildProcess;
  /** What it has printed, errors too. */
  printed: () => string;
  readonly ended: Promise<number | null>;
}

function start(command: readonly string[], env: Record<string, string>): Program {
  const [name = '', ...args] = command;
  const child = spawn(name, args, {
    cwd: folder,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (printed += data.toString()));
  }
  const { promise: ended, resolve: done, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', done);
  return { child, printed: () => printed, ended };
}

const environment = (api: Api) => ({ API: api.base, KEY: api.key });

describe.each(Object.entries(languages))('the examples in %s', (language, { setUp, send }) => {
  test('set a domain up, and send a mail from it once', async () => {
    const api = await service.newTenant(`example ${language}`);
    const env = environment(api);
    const name = `example-${language}.example`;
    const from = `ann@${name}`;
    const early = start([...send, from, 'bob@example.net'], env);
    expect(await early.ended).not.toBe(0);
    expect(early.printed()).toContain(name);

    const program = start([...setUp, name], env);
    await until(
      'the records',
      () => Promise.resolve(program.printed()),
      (text) => text.includes('_dmarc'),
    );
    const zone = await api.wholeZone(name);
    await writeFile(join(service.customerDns, `${name}.zone`), zone);
    const code = await until(
      `${name} set up`,
      () => Promise.race([program.ended, Promise.resolve('running')]),
      (state) => state !== 'running',
      120,
    );
    expect([code, program.printed()]).toEqual([0, expect.stringContaining(`${name} may send`)]);
    for (const { value } of (await api.domain(name)).body.records) {
      expect(program.printed()).toContain(value);
    }

    const sent = start([...send, from, 'bob@example.net'], env);
    expect([await sent.ended, sent.printed()]).toEqual([0, expect.stringMatching(/^m_\S+ \w+\n$/)]);
    const again = start([...send, from, 'bob@example.net'], env);
    expect(await again.ended).toBe(0);
    const [id = ''] = sent.printed().split(' ');
    expect(again.printed()).toContain(id);
    await until(
      'the mail on its way',
      () => api.message(id),
      ({ body }) => body.status === 'sent' || body.status === 'delivered',
      60,
    );
  });
});

test('the example in curl makes a webhook', async () => {
  const api = await service.newTenant('example webhook');
  const made = start(['sh', 'curl/webhook.sh', 'https://hooks.test/'], environment(api));
  expect([await made.ended, made.printed()]).toEqual([
    0,
    expect.stringMatching(/^\S+ whsec_\S+\n$/),
  ]);
});

describe.each(Object.entries(endpoints))('the endpoint in %s', (_, command) => {
  test('takes what is signed, and nothing else', async () => {
    const port = await freePort();
    const [secret, other] = [secretOf(randomBytes(32)), secretOf(randomBytes(32))];
    const program = start(command(port), { SECRET: secret, PORT: String(port) });
    const body = JSON.stringify({ type: 'domain.verified', data: { domain: 'Zürich' } });
    const post = async (headers: object, content = body): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: content,
      });
      return answer.status;
    };
    // The endpoint goes by the machine's clock; that of the tests may have been moved on.
    const now = Number(execFileSync('date', ['+%s'])) * 1_000;
    const signed = (secrets: string[], at = new Date(now)) =>
      signWebhook(secrets, { id: 'msg_1', at, body });
    try {
      await until(
        'the endpoint',
        () => post({}).catch(() => 0),
        (status) => status !== 0,
      );
      expect(await post(signed([secret]))).toBe(204);
      expect(await post(signed([other, secret]))).toBe(204);
      expect(program.printed()).toContain('msg_1 domain.verified');
      expect(await post(signed([other]))).toBe(400);
      expect(await post(signed([secret]), `${body} `)).toBe(400);
      expect(await post(signed([secret], new Date(now - 600_000)))).toBe(400);
      expect(await post({ ...signed([secret]), 'webhook-timestamp': 'x' })).toBe(400);
      expect(await post({})).toBe(400);
    } finally {
      program.child.kill();
      await program.ended;
    }
  });
});
