import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  DeliveryDocument,
  DeliveryPage,
  WebhookDocument,
} from '#shared/api/routes/webhooks.ts';
import { routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import type { AnsweredCall } from '../../local/aws/gateway.ts';
import { HANG_UP } from '../../local/aws/http.ts';
import { isLong } from '../support/long.ts';
import { until, type Api } from './support/api.ts';
import { fuzzedRequests } from './support/fuzzed-requests.ts';
import { startService, type Service } from './support/service.ts';
import { startWebhookEndpoint, type WebhookEndpoint } from './support/webhook-endpoint.ts';

/** The requests of the queue of webhooks, but for polls that find nothing. */
const queueRequests: string[] = [];
function observe({ service: name, request, response }: AnsweredCall): void {
  if (name !== 'sqs' || !request.body.includes('/sender-domains-webhook"')) return;
  const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
  const answer = response === HANG_UP ? '' : response.body;
  const text = typeof answer === 'string' || Buffer.isBuffer(answer) ? answer.toString() : '';
  if (operation.startsWith('Receive') && !text.includes('"Messages"')) return;
  queueRequests.push(operation);
}

/** What must be in no log. */
const secrets: string[] = [];
let service: Service;
let endpoint: WebhookEndpoint;
let api: Api;

beforeAll(async () => {
  endpoint = await startWebhookEndpoint();
  service = await startService({ observe, internet: endpoint.internet });
  await endpoint.publish(service.customerDns);
  api = service.api;
  secrets.push(api.key);
});
afterAll(async () => {
  await service?.stop();
  endpoint?.close();
});

type Made = WebhookDocument & { secret: string };

async function make(path: string, headers: Record<string, string> = {}, by = api) {
  const json = { url: `https://hooks.test${path}`, events: ['domain.claimed'] };
  const answer = await by.request<Made>('POST', '/v1/webhooks', { json, headers });
  if (answer.status === 201) secrets.push(answer.body.secret);
  return answer;
}
const arrived = (path: string, count: number) =>
  until(
    `${count} requests at ${path}`,
    async () => endpoint.received.filter((one) => one.path === path),
    (requests) => requests.length >= count,
  );
const deliveries = async (id: string): Promise<DeliveryDocument[]> =>
  (await api.request<DeliveryPage>('GET', `/v1/webhooks/${id}/deliveries`)).body.deliveries;
const shown = async (id: string): Promise<WebhookDocument> => {
  const { body } = await api.request<{ webhooks: WebhookDocument[] }>('GET', '/v1/webhooks');
  return body.webhooks.find((one) => one.id === id)!;
};
const remove = (id: string) => api.request('DELETE', `/v1/webhooks/${id}`);

test('a test arrives, signed; a new secret signs beside the old one', async () => {
  const { body } = await make('/tested');
  const testing = await api.request('POST', `/v1/webhooks/${body.id}/test`);
  expect(testing.status).toBe(202);
  const [first] = await arrived('/tested', 1);
  expect(first).toMatchObject({ type: 'webhook.test', id: testing.body['id'], signatures: 1 });
  expect(first!.isSignedBy(body.secret)).toBe(true);

  const path = `/v1/webhooks/${body.id}/secrets`;
  const rotated = await api.request<Made>('POST', path, { json: { overlapHours: 1 } });
  secrets.push(rotated.body.secret);
  await api.request('POST', `/v1/webhooks/${body.id}/test`);
  const [, second] = await arrived('/tested', 2);
  expect(second!.signatures).toBe(2);
  for (const secret of [body.secret, rotated.body.secret]) {
    expect(second!.isSignedBy(secret)).toBe(true);
  }
  await remove(body.id);
});

test('an event for one endpoint costs three requests of queues', async () => {
  const { body } = await make('/counted');
  await service.idle('webhook');
  queueRequests.length = 0;
  await api.claim('counted.example');
  await arrived('/counted', 1);
  await service.idle('webhook');
  expect(queueRequests.map((operation) => operation.replace('Batch', ''))).toEqual([
    'SendMessage',
    'ReceiveMessage',
    'DeleteMessage',
  ]);
  await remove(body.id);
});

test('an endpoint that is gone is switched off, and gets what it missed when it is on again', async () => {
  const { body } = await make('/gone');
  endpoint.statuses.set('/gone', 410);
  await api.claim('gone-one.example');
  const off = await until(
    'it is off',
    () => shown(body.id),
    ({ state }) => state === 'off',
  );
  expect(off.off).toMatchObject({ by: 'service', reason: 'answered 410' });
  await api.claim('gone-two.example');
  await until(
    'the missed event',
    () => deliveries(body.id),
    (log) => log.some(({ state }) => state === 'missed'),
  );
  expect(endpoint.received.filter(({ path }) => path === '/gone')).toHaveLength(1);

  endpoint.statuses.delete('/gone');
  const path = `/v1/webhooks/${body.id}`;
  const replay = () => api.request('POST', `${path}/replays`, { json: { from: body.createdAt } });
  expect(await replay()).toMatchObject({ status: 409, body: { code: 'webhook-off' } });
  await api.request('PATCH', path, { json: { active: true } });
  expect(await replay()).toMatchObject({ status: 202, body: { replayed: 2, cursor: null } });
  await arrived('/gone', 3);
  await until(
    'all delivered',
    () => deliveries(body.id),
    (log) => log.every(({ state }) => state === 'delivered'),
  );
  await remove(body.id);
});

test('an endpoint that hangs holds up no other', async () => {
  const other = await service.newTenant('beside');
  const [hanging] = [await make('/hangs'), await make('/prompt', {}, other)];
  endpoint.statuses.set('/hangs', 0);
  for (let index = 0; index < 5; index += 1) await api.claim(`hangs-${index}.example`);
  for (let index = 0; index < 5; index += 1) await other.claim(`prompt-${index}.example`);
  expect(await arrived('/prompt', 5)).toHaveLength(5);
  await remove(hanging.body.id);
});

describe('an Idempotency-Key', () => {
  test('has the same request answered octet for octet, with its secret, which no table shows', async () => {
    const key = { 'idempotency-key': 'one' };
    const first = await make('/once', key);
    const second = await make('/once', key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const { aws } = service.local.endpoints;
    const client = new DynamoDBClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
    });
    const documents = DynamoDBDocumentClient.from(client);
    for (const TableName of [aws.tables['answers'], aws.tables['webhooks']]) {
      const { Items: items = [] } = await documents.send(new ScanCommand({ TableName }));
      expect(items.length).toBeGreaterThan(0);
      expect(JSON.stringify(items)).not.toContain('whsec_');
    }
    client.destroy();
    const other = await api.request('POST', '/v1/webhooks', {
      json: { url: 'https://hooks.test/other', events: ['domain.claimed'] },
      headers: key,
    });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    await remove(first.body.id);
  });

  test('of ten requests at once makes one webhook', async () => {
    const key = { 'idempotency-key': 'ten' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => make('/ten', key)));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const { status, headers } of answers.filter((one) => one.status !== 201)) {
      expect([status, headers.get('retry-after')]).toEqual([409, '2']);
    }
    const { body } = await api.request<{ webhooks: WebhookDocument[] }>('GET', '/v1/webhooks');
    const same = body.webhooks.filter(({ url }) => url === 'https://hooks.test/ten');
    expect(same).toHaveLength(1);
    await remove(same[0]!.id);
  });
});

test('of 14 webhooks made at once 10 stay', async () => {
  const tenant = await service.newTenant('many');
  const tries = Array.from({ length: 14 }, (_, index) => make(`/many-${index}`, {}, tenant));
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  for (let more = 0; more < 10; more += 1) await make(`/more-${more}`, {}, tenant);
  const { body } = await tenant.request<{ webhooks: WebhookDocument[] }>('GET', '/v1/webhooks');
  expect(body.webhooks).toHaveLength(10);
  expect(new Set(statuses).difference(new Set([201, 409, 503]))).toEqual(new Set());
});

test('a name or id that is too long to be there is 404, wherever it is in a path', async () => {
  for (const { method, path, scope } of Object.values<Route>(routes)) {
    if (!path.includes('{') || scope === 'platform') continue;
    for (const long of ['x'.repeat(321), 'x'.repeat(3_000), '%C3%A4'.repeat(600)]) {
      const body = method === 'GET' ? {} : { json: {} };
      const answer = await api.request(method, path.replaceAll(/\{\w+\}/g, long), body);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
  }
});

test(
  'no request, whatever it holds, is answered by 5xx or not at all',
  { timeout: 3_600_000 },
  async () => {
    const tenant = await service.newTenant('fuzzed');
    secrets.push(tenant.key);
    await tenant.claim('fuzzed.example');
    const failures: string[] = [];
    const { seed, requests } = fuzzedRequests(isLong ? 12_000 : 300, 'fuzzed.example');
    const left = requests.entries();
    const worker = async (): Promise<void> => {
      for (const [, { method, path, headers, body }] of left) {
        const sent = fetch(`${tenant.base}${path}`, {
          method,
          headers: { authorization: `Bearer ${tenant.key}`, ...headers },
          signal: AbortSignal.timeout(60_000),
          ...(body === undefined ? {} : { body }),
        });
        const status = await sent.then(
          async (answer) => {
            await answer.text();
            return answer.status;
          },
          (error: Error) => error.message,
        );
        // 503 names what the service waits for, with Retry-After.
        if (typeof status === 'string' || (status >= 500 && status !== 503)) {
          failures.push(`${status} ${method} ${path} ${body ?? ''}`.slice(0, 400));
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(failures, `seed ${seed}`).toEqual([]);
  },
);

test('no log has a key or a secret', async () => {
  const logs = join(service.stateDir, 'logs');
  const files = await readdir(logs);
  expect(files.length).toBeGreaterThan(10);
  expect(secrets.length).toBeGreaterThan(10);
  for (const file of files) {
    const lines = await readFile(join(logs, file), 'utf8');
    const found = secrets.filter((secret) => lines.includes(secret));
    expect([file, found]).toEqual([file, []]);
    expect([file, /whsec_[\w+/]{20}|sd_[A-Za-z0-9]{40}/.exec(lines)]).toEqual([file, null]);
  }
});
