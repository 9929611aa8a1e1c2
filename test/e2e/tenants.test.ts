import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryPage } from '#shared/api/routes/webhooks.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

let service: Service;
let first: Api;
let second: Api;

beforeAll(async () => {
  service = await startService();
  first = service.api;
  second = await service.newTenant('second');
  await onboard(service, first, 'first.example');
  await onboard(service, second, 'second.example');
});

afterAll(() => service?.stop());

const mail = (from: string, extra = '') =>
  `From: ${from}\r\nTo: success@simulator.amazonses.com\r\n${extra}Subject: x\r\n\r\nx\r\n`;

/**
 * Returns the parts of an answer that could reveal something: all except the names of the domain
 * asked for and of the request.
 */
const revealed = (answer: { status: number; text: string }, name: string) => ({
  status: answer.status,
  text: answer.text.replaceAll(name, 'NAME').replace(/"(instance|requestId)":"[^"]*"/g, ''),
});

describe('a second tenant', () => {
  test("gets exactly the same answer about another's domain as about a domain without an owner", async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/checks'],
      ['GET', '/records'],
      ['GET', '/records?format=bind'],
    ] as const) {
      const others = await second.request(method, `/v1/domains/first.example${path}`);
      const nobodys = await second.request(method, `/v1/domains/nobody.example${path}`);
      expect(others.status).toBe(404);
      expect(revealed(others, 'first.example')).toEqual(revealed(nobodys, 'nobody.example'));
    }
    expect((await first.domain('first.example')).body.status).toBe('verified');
  });

  test("cannot send as another's domain, above it, below it, nor name it in Sender", async () => {
    const others = await second.send(mail('a@first.example'));
    const nobodys = await second.send(mail('a@nobody.example'));
    expect(others.status).toBe(422);
    expect(revealed(others, 'first.example')).toEqual(revealed(nobodys, 'nobody.example'));
    expect((await second.send(mail('a@sub.first.example'))).status).toBe(422);

    const sender = await second.send(mail('a@second.example', 'Sender: b@first.example\r\n'));
    const stranger = await second.send(mail('a@second.example', 'Sender: b@nobody.example\r\n'));
    expect(sender.status).toBe(422);
    expect(revealed(sender, 'first.example')).toEqual(revealed(stranger, 'nobody.example'));
    expect(
      (await second.send(mail('a@second.example', 'Sender: b@second.example\r\n'))).status,
    ).toBe(202);
  });

  test('may claim it, which stays pending and gives nothing away', async () => {
    const claimed = await second.claim('first.example');
    const fresh = await second.claim('nobody.example');
    expect(claimed.status).toBe(201);
    expect(claimed.body.status).toBe('pending');
    expect(claimed.body.sending).toBe(fresh.body.sending);
    expect(Object.keys(claimed.body).sort()).toEqual(Object.keys(fresh.body).sort());

    const checked = await second.check('first.example');
    expect(checked.body.status).toBe('pending');
    expect(checked.body.sending).toBe('preparing');
    expect((await second.send(mail('a@first.example'))).status).toBe(422);
    expect((await first.domain('first.example')).body.status).toBe('verified');
    expect((await first.send(mail('a@first.example'))).status).toBe(202);
  });

  test("cannot read another's messages", async () => {
    const sent = await first.send(mail('a@first.example'));
    expect(sent.status).toBe(202);
    const theirs = await second.message(sent.body.id);
    const nobodys = await second.message('m_aaaaaaaaaaaaaaaaaaaaaaaaaa');
    expect(theirs.status).toBe(404);
    expect(revealed(theirs, sent.body.id)).toEqual(
      revealed(nobodys, 'm_aaaaaaaaaaaaaaaaaaaaaaaaaa'),
    );
    const list = await second.request('GET', '/v1/messages?domain=first.example');
    expect(list.body).toEqual({ messages: [], cursor: null });
  });

  test('with a revoked key is refused at once', async () => {
    const third = await service.newTenant('third');
    expect((await third.request('GET', '/v1/domains')).status).toBe(200);
    await service.revoke(third.key);
    expect((await third.request('GET', '/v1/domains')).status).toBe(403);
  });
});

/** Returns a function that lists the events which a tenant's endpoint received of a domain. */
async function webhookOf(api: Api): Promise<(domain: string) => Promise<string[]>> {
  const made = await api.request('POST', '/v1/webhooks', {
    json: { url: 'https://hooks.test/in', events: ['domain.verified', 'domain.lost'] },
  });
  expect(made.status).toBe(201);
  const path = `/v1/webhooks/${String(made.body['id'])}/deliveries`;
  return async (domain) => {
    const { body } = await api.request<DeliveryPage>('GET', path);
    return body.deliveries.filter(({ data }) => data['domain'] === domain).map(({ type }) => type);
  };
}

test('a domain that moves to another tenant is signed by that one alone after one check, and the loser gets an event', async () => {
  const name = 'moving.example';
  const [receivedByFirst, receivedBySecond] = [await webhookOf(first), await webhookOf(second)];
  await onboard(service, first, name);
  const sent = await first.send(mail(`a@${name}`));
  expect(sent.status).toBe(202);

  expect((await second.claim(name)).status).toBe(201);
  expect((await second.send(mail(`a@${name}`))).status).toBe(422);
  await until(
    'the SES record',
    () => second.domain(name),
    ({ body }) => body.records.every(({ value }) => value !== ''),
  );
  await writeFile(join(service.customerDns, `${name}.zone`), await second.wholeZone(name));
  // One check of either detects it; here it is the new holder's.
  const { body: won } = await until(
    'the new holder',
    () => second.check(name),
    ({ body }) => body.status === 'verified',
  );
  expect(won.status).toBe('verified');
  const lost = await first.domain(name);
  expect(lost.body.status).toBe('lost');
  expect(lost.text).not.toContain(await service.firstTenant());

  const refused = await first.send(mail(`a@${name}`));
  const nobodys = await first.send(mail('a@nobody.example'));
  expect(refused.status).toBe(422);
  expect(revealed(refused, name)).toEqual(revealed(nobodys, 'nobody.example'));
  await until(
    'sending',
    () => second.domain(name),
    ({ body }) => body.sending === 'ready',
  );
  expect((await second.send(mail(`a@${name}`))).status).toBe(202);

  await until(
    'the event of the loser',
    () => receivedByFirst(name),
    (types) => types.includes('domain.lost'),
  );
  expect((await receivedByFirst(name)).toSorted()).toEqual(['domain.lost', 'domain.verified']);
  await until(
    'the event of the new holder',
    () => receivedBySecond(name),
    (types) => types.includes('domain.verified'),
  );
  expect(await receivedBySecond(name)).toEqual(['domain.verified']);
  // Another check changes nothing, and sends no further event.
  expect((await first.check(name)).body.status).toBe('lost');
  expect((await receivedByFirst(name)).toSorted()).toEqual(['domain.lost', 'domain.verified']);
});

test('requests without a key, or with a wrong one, are refused', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer sd_wrong' },
    { authorization: 'Basic abc' },
  ] as Record<string, string>[]) {
    const response = await fetch(`${first.base}/v1/domains`, { headers });
    expect([401, 403]).toContain(response.status);
  }
});
