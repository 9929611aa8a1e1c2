import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventPage } from '#shared/api/event-schemas.ts';
import type { MessagePage } from '#shared/api/message-schemas.ts';
import type { DeliveryPage } from '#shared/api/webhook-schemas.ts';
import { evaluateSpf } from '#shared/spf/evaluate.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

let service: Service;
let api: Api;
beforeAll(async () => {
  service = await startService();
  api = service.api;
  await api.claim('example.com');
});
afterAll(() => service?.stop());

/** Asks with a body as JSON. */
const send = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  api.request<Body>(method, path, json === undefined ? {} : { json });

/** The verdict of our DNS on a mail from the customer's domain. */
const spfOf = (ip: string, name: string) =>
  evaluateSpf(
    { ip, helo: name, mailFrom: `me@${name}`, receiver: 'r.example', epochSeconds: 1 },
    async (asked, type) => {
      try {
        const answers =
          type === 'TXT'
            ? (await service.resolver.resolveTxt(asked)).map((strings) => strings.join(''))
            : type === 'A'
              ? await service.resolver.resolve4(asked)
              : [];
        return { outcome: 'ok', values: answers };
      } catch {
        return { outcome: 'nxdomain', values: [] };
      }
    },
  );

describe('what a customer changes is in our DNS within seconds', () => {
  test('SPF, over a chain of records', async () => {
    const mechanisms = Array.from({ length: 45 }, (_, index) => `ip4:203.0.113.${index * 2}`);
    const { status, body } = await send('PATCH', '/v1/domains/example.com', {
      spf: { mechanisms, all: '-all' },
    });
    expect({ status, code: body['code'] }).toEqual({ status: 200, code: undefined });
    const host = /include:(\S+)/.exec(
      (await api.domain('example.com')).body.records.find(({ id }) => id === 'spf')!.value,
    )![1]!;
    await until(
      'the chain',
      async () => [await spfOf('203.0.113.0', host), await spfOf('203.0.113.88', host)],
      (verdicts) => verdicts.every(({ result }) => result === 'pass'),
      10,
    );
    expect(await spfOf('203.0.113.89', host)).toMatchObject({ result: 'fail' });
    expect((await spfOf('199.255.192.1', host)).result).toBe('fail');
  });

  test('DMARC', async () => {
    const changed = await send('PATCH', '/v1/domains/example.com', { dmarc: { p: 'quarantine' } });
    expect(changed.status).toBe(200);
    const name = (await api.domain('example.com')).body.records
      .find(({ id }) => id === 'dmarc')!
      .value.replace(/\.$/, '');
    await until(
      'the policy',
      () => service.resolver.resolveTxt(name).catch(() => [['']]),
      ([strings]) => strings!.join('').startsWith('v=DMARC1; p=quarantine;'),
      10,
    );
  });
});

test('what happens is told to webhooks, but never to an address that is not public', async () => {
  const made = await send('POST', '/v1/webhooks', {
    url: 'https://hooks.test/in',
    events: [
      'domain.verified',
      'message.sent',
      'message.delivered',
      'message.bounced',
      'message.complained',
      'message.refused',
      'message.unclear',
    ],
  });
  expect(made.status).toBe(201);
  const id = String(made.body['id']);
  await writeFile(
    join(service.customerDns, 'hooks.test.zone'),
    '$ORIGIN hooks.test.\n@ 60 IN A 127.0.0.1\n',
  );
  await onboard(service, api, 'example.net');
  // Verified, but without the record that SES looks for, so that SES refuses its mail.
  await api.claim('unready.example');
  const zone = await api.zoneFile('unready.example');
  await writeFile(
    join(service.customerDns, 'unready.example.zone'),
    zone.replaceAll(/^_amazonses.*$/gm, ''),
  );
  await until(
    'unready.example verified',
    () => api.check('unready.example'),
    ({ body }) => body.status === 'verified',
    30,
  );
  const expected = ['domain.verified', 'domain.verified'];
  for (const [from, to, fates] of [
    ['example.net', 'success', ['sent', 'delivered']],
    ['example.net', 'bounce', ['sent', 'bounced']],
    ['example.net', 'complaint', ['sent', 'delivered', 'complained']],
    ['unready.example', 'success', ['refused']],
  ] as const) {
    const { status, body } = await api.send(
      `From: a@${from}\r\nTo: ${to}@simulator.amazonses.com\r\nSubject: Hi\r\n\r\nHi.\r\n`,
    );
    expect(status).toBe(202);
    expected.push(...fates.map((fate) => `message.${fate} of ${body.id}`));
  }
  const { deliveries } = await until(
    'the deliveries',
    async () => (await send<DeliveryPage>('GET', `/v1/webhooks/${id}/deliveries?limit=100`)).body,
    (page) =>
      page.deliveries.filter(({ attempts }) => attempts.length > 0).length >= expected.length,
    30,
  );
  const told = deliveries.map(({ type, data }) =>
    'message' in data ? `${type} of ${String(data['message'])}` : type,
  );
  expect(told.toSorted()).toEqual(expected.toSorted());
  for (const { state, attempts } of deliveries) {
    expect(state).toBe('pending');
    for (const { status, error } of attempts) {
      expect({ status, error }).toEqual({
        status: null,
        error: 'hooks.test leads to an address that is not on the public internet',
      });
    }
  }
});

test('a mail that was sent is in the list of its domain, with what became of it', async () => {
  const { messages } = await until(
    'the list of messages',
    async () => (await send<MessagePage>('GET', '/v1/messages?domain=example.net')).body,
    (page) => page.messages.length > 0,
    10,
  );
  expect(messages).toMatchObject([
    {
      status: 'delivered',
      domain: 'example.net',
      to: 'success@simulator.amazonses.com',
      recipients: [{ state: 'delivered', count: 1 }],
      signature: { domain: 'example.net', selector: 'zero' },
    },
  ]);
});

const historyOf = async (name: string) =>
  (await send<EventPage>('GET', `/v1/domains/${name}/events`)).body.events;

test('what happened to a domain is in its history, with why, and once', async () => {
  const wanted = ['domain.claimed', 'domain.published', 'domain.verified'];
  const events = await until(
    'the history of the domain that was onboarded',
    () => historyOf('example.net'),
    (found) => wanted.every((type) => found.some((event) => event.type === type)),
    30,
  );
  expect(events.map(({ type }) => type).toSorted()).toEqual(wanted);
  expect(events.map(({ at }) => at)).toEqual(
    events
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
  const changed = await until(
    'the change of the policy',
    () => historyOf('example.com'),
    (found) => found.some(({ type }) => type === 'policy.changed'),
    10,
  );
  expect(changed.find(({ type }) => type === 'policy.changed')?.summary).toMatch(
    /^The DMARC policy p went from none to quarantine\. /,
  );
});
