import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { sharedService, type Service } from './support/service.ts';

let service: Service;
let api: Api;

beforeAll(async () => {
  service = await sharedService();
  api = service.api;
  await onboard(service, api, 'bad-input.example');
});

afterAll(() => service?.stop());

/** The names of all domains. */
const domains = async (): Promise<string[]> => {
  const { body } = await api.request<{ domains: { name: string }[] }>('GET', '/v1/domains');
  return body.domains.map(({ name }) => name);
};

const header = 'From: a@bad-input.example\r\nTo: success@simulator.amazonses.com\r\nSubject: x\r\n';

describe('bad input gets a clear problem and changes nothing', () => {
  test.each([
    ['broken JSON', '{"name": ', 400],
    ['no body', '', 400],
    ['a list', '["example.org"]', 400],
    ['a wrong type', '{"name": 7}', 400],
    ['an unknown property', '{"name": "example.org", "colour": "red"}', 400],
    ['a name of 5 MB', JSON.stringify({ name: 'a'.repeat(5_000_000) }), 400],
    ['an address', '{"name": "ann@example.org"}', 422],
    ['a public suffix', '{"name": "co.uk"}', 422],
    ['a private public suffix', '{"name": "github.io"}', 422],
    ['the service itself', '{"name": "s1.sender-domains.test"}', 422],
    ['an IP address', '{"name": "192.0.2.1"}', 422],
    ['one label', '{"name": "localhost"}', 422],
    ['a space', '{"name": "exa mple.org"}', 422],
    ['two dots', '{"name": "example..org"}', 422],
    ['a wildcard', '{"name": "*.example.org"}', 422],
  ])('a claim with %s', async (_what, body, expected) => {
    const before = await domains();
    const answer = await api.request('POST', '/v1/domains', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect([expected, 413]).toContain(answer.status);
    if (answer.status !== 413) expectProblem(answer);
    expect(await domains()).toEqual(before);
  });

  test('unknown routes and methods', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/nothing',
      '/v1/domains/bad-input.example/nothing',
      '/v2/domains',
    ]) {
      const answer = await api.request('GET', path);
      expect(answer.status, path).toBe(404);
      expectProblem(answer);
    }
    for (const [method, path] of [
      ['PUT', '/v1/domains'],
      ['DELETE', '/v1/domains'],
      ['POST', '/v1/domains/bad-input.example'],
      ['GET', '/v1/domains/bad-input.example/checks'],
      ['DELETE', '/v1/messages'],
    ] as const) {
      const answer = await api.request(method, path);
      expect(answer.status, `${method} ${path}`).toBe(405);
      expect(answer.headers.get('allow')).toMatch(/[A-Z]/);
      expectProblem(answer);
    }
  });

  test.each([
    ['no From', 'To: b@example.org\r\nSubject: x\r\n\r\nx\r\n'],
    ['two From fields', `From: a@bad-input.example\r\n${header}\r\nx\r\n`],
    ['an empty request', ''],
    ['a bare CR', `${header}\r\nx\ry\r\n`],
    ['a NUL', `${header}\r\nx\0y\r\n`],
    ['a Resent field', `Resent-From: b@bad-input.example\r\n${header}\r\nx\r\n`],
    ['a non-ASCII local part', 'From: \u00e4@bad-input.example\r\nTo: b@example.org\r\n\r\nx\r\n'],
    ['a foreign Sender', `Sender: b@example.net\r\n${header}\r\nx\r\n`],
    [
      'mailboxes of two domains in From',
      'From: a@bad-input.example, b@example.org\r\nTo: b@example.org\r\n\r\nx\r\n',
    ],
    ['no recipient', 'From: a@bad-input.example\r\nSubject: x\r\n\r\nx\r\n'],
    [
      'a From of a domain that is not theirs',
      'From: a@example.net\r\nTo: b@example.org\r\n\r\nx\r\n',
    ],
  ])('a mail with %s', async (_what, raw) => {
    const before = (await service.outbox()).length;
    const answer = await api.send(raw);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expectProblem(answer);
    expect((await service.outbox()).length).toBe(before);
  });

  test.each([
    ['an empty body', `${header}\r\n`],
    ['a header only', header],
    ['a line of 2,000 octets', `${header}\r\n${'x'.repeat(2000)}\r\n`],
    [
      'a raw 8-bit subject',
      `From: a@bad-input.example\r\nTo: b@example.org\r\nSubject: \u00e4\r\n\r\nx\r\n`,
    ],
  ])('a mail with %s, which strictness refuses instead of repairing it', async (_what, raw) => {
    const answer = await api.request('POST', '/v1/messages?strict=true', {
      body: Buffer.from(raw),
      headers: { 'content-type': 'message/rfc822' },
    });
    expect(answer.status, answer.text).toBe(422);
    expectProblem(answer);
  });

  test('a mail of 12 MB, and one that is over our own limit', async () => {
    const line = `${'x'.repeat(76)}\r\n`;
    for (const size of [12_000_000, 6_000_000]) {
      const answer = await api.send(`${header}\r\n${line.repeat(size / line.length)}`);
      expect(answer.status).toBe(413);
    }
  });
});

test('a mail whose body is an empty line is sent', async () => {
  const { status, body } = await api.send(`${header}\r\n\r\n`);
  expect(status).toBe(202);
  await until(
    'sent',
    () => api.message(body.id),
    (answer) => answer.body.status === 'delivered',
  );
});

test('120 recipients go out in three calls', async () => {
  const before = (await service.outbox()).length;
  const recipients = Array.from(
    { length: 120 },
    (_, index) => `success+${index}@simulator.amazonses.com`,
  );
  const { status, body } = await api.send(
    'From: a@bad-input.example\r\nSubject: x\r\n\r\nx\r\n',
    recipients,
  );
  expect(status).toBe(202);
  const { body: message } = await until(
    'delivered',
    () => api.message(body.id),
    (answer) => answer.body.status === 'delivered',
    60,
  );
  expect(message.recipients).toHaveLength(120);
  expect((await service.outbox()).length - before).toBe(3);
});

function expectProblem(answer: {
  headers: Headers;
  body: Record<string, unknown> | object;
  text: string;
}): void {
  expect(answer.headers.get('content-type'), answer.text).toContain('application/problem+json');
  const problem = answer.body as {
    type?: string;
    title?: string;
    status?: number;
    detail?: string;
  };
  expect(problem.title).toMatch(/\w/);
  expect(problem.detail).toMatch(/\w+ .*\w/);
  expect(problem.type).toMatch(/\w/);
}
