import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SpfDocument } from '#shared/api/routes/senders.ts';
import type { EventPage } from '#shared/api/routes/events.ts';
import type { MessagePage } from '#shared/api/routes/messages.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { DeliveryPage } from '#shared/api/routes/webhooks.ts';
import { evaluateSpf } from '#shared/core/spf/evaluate.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { sharedService, type Service } from './support/service.ts';

let service: Service;
let api: Api;
beforeAll(async () => {
  service = await sharedService();
  api = service.api;
  await api.claim('policy.example');
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
    const { status, body } = await send('PATCH', '/v1/domains/policy.example', {
      spf: { mechanisms, all: '-all' },
    });
    expect({ status, code: body['code'] }).toEqual({ status: 200, code: undefined });
    const host = /include:(\S+)/.exec(
      (await api.domain('policy.example')).body.records.find(({ id }) => id === 'spf')!.value,
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
    const changed = await send('PATCH', '/v1/domains/policy.example', {
      dmarc: { p: 'quarantine' },
    });
    expect(changed.status).toBe(200);
    const name = (await api.domain('policy.example')).body.records
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

/** Puts a zone file of somebody's into DNS, or takes it away. */
const zone = (name: string, ...records: readonly string[]): Promise<void> =>
  records.length === 0
    ? rm(join(service.customerDns, `${name}.zone`))
    : writeFile(
        join(service.customerDns, `${name}.zone`),
        [`$ORIGIN ${name}.`, ...records, ''].join('\n'),
      );

test('a parked domain: its records are applied, receivers reject, and only its policy changes', async () => {
  const name = 'parked-shop.example';
  const path = `/v1/domains/${name}`;
  const claimed = await send('POST', '/v1/domains', { name, purpose: 'parked' });
  expect([claimed.status, claimed.body]).toMatchObject([
    201,
    { purpose: 'parked', sending: 'none', dmarc: { p: 'reject', sp: 'reject' } },
  ]);
  await writeFile(join(service.customerDns, `${name}.zone`), await api.zoneFile(name));
  const { body } = await until(
    'verified',
    () => api.check(name),
    (answer) => answer.body.status === 'verified',
  );
  expect(body.records.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'CNAME ok',
    'TXT ok',
    'MX ok',
  ]);
  const { resolver } = service;
  expect(await resolver.resolveMx(name)).toMatchObject([{ exchange: '', priority: 0 }]);
  const [spf] = (await resolver.resolveTxt(name)).flat();
  const target = /^v=spf1 redirect=(\S+)$/.exec(spf!)![1]!;
  expect((await resolver.resolveTxt(target)).flat()).toEqual(['v=spf1 -all']);
  const policy = async () => (await resolver.resolveTxt(`_dmarc.${name}`)).flat().join('');
  expect(await policy()).toMatch(/^v=DMARC1; p=reject; sp=reject;/);

  const mail = `From: a@${name}\r\nTo: b@receiver.example\r\nSubject: x\r\n\r\nx\r\n`;
  expect((await api.send(mail)).body).toMatchObject({ code: 'from-refused' });
  expect(await send('PATCH', path, { spf: { add: ['a'] } })).toMatchObject({
    status: 409,
    body: { code: 'domain-parked' },
  });
  expect(await send('POST', `${path}/rotations`, { reason: 'manual' })).toMatchObject({
    status: 409,
    body: { code: 'domain-parked' },
  });
  const changed = await send('PATCH', path, { dmarc: { p: 'reject', sp: 'none' } });
  expect(changed.status).toBe(200);
  await until('the policy of subdomains', policy, (text) => text.includes('sp=none'));

  // Its purpose is fixed: neither while it lives nor while it is deleted does it begin to send.
  expect(await send('POST', '/v1/domains', { name, purpose: 'sending' })).toMatchObject({
    status: 409,
    body: { code: 'domain-already-claimed' },
  });
  expect((await send('DELETE', path)).status).toBe(202);
  expect(await send('POST', '/v1/domains', { name })).toMatchObject({
    status: 409,
    body: { code: 'domain-deleting' },
  });
  expect(await send('POST', '/v1/domains', { name, purpose: 'parked' })).toMatchObject({
    body: { purpose: 'parked', lifecycle: 'live' },
  });
});

describe('a customer who has SPF already', () => {
  const domain = 'own-spf.example';
  const read = async () => {
    const { body } = await api.check(domain);
    return body.records.find(({ id }) => id === 'spf')!;
  };

  test('is shown theirs with our include in it; once that is published, it is right and stays', async () => {
    await zone('esp.example', '_spf 60 IN TXT "v=spf1 ip4:203.0.113.0/24 -all"');
    await zone(domain, '@ 60 IN TXT "v=spf1 mx include:_spf.esp.example -all"', '@ 60 IN MX 10 mx');
    await api.claim(domain);
    const advised = await until('the check', read, ({ status }) => status === 'wrong', 20);
    expect(advised.value).toMatch(
      /^v=spf1 mx include:_spf\.esp\.example include:_spf\.[a-z2-7]{26}\.s\d\.\S+ -all$/,
    );
    const exported = await api.zoneFile(domain);
    // A second SPF record would be an error: the export says which record to replace.
    expect(exported).toContain(advised.value);
    const replaced = `@ 60 IN TXT "${advised.value}"\n@ 60 IN MX 10 mx\n`;
    await writeFile(join(service.customerDns, `${domain}.zone`), exported + replaced);
    await until('its being right', read, ({ status }) => status === 'ok', 20);
    expect(await read()).toMatchObject({ status: 'ok', value: advised.value, hint: null });
  });

  test('is refused with the count where both together take more than 10 lookups', async () => {
    const nine = Array.from({ length: 9 }, (_, n) => `exists:${n}.esp.example`).join(' ');
    await zone(domain, `@ 60 IN TXT "v=spf1 ${nine} -all"`);
    const { status, hint } = await until('a refusal', read, ({ value }) => value === '', 20);
    expect(status).toBe('wrong');
    expect(hint).toMatch(/it takes 1[1-9] DNS lookups, of 10/);
  });
});

/** The third party's SPF record. */
const publishes = (...networks: readonly string[]): Promise<void> =>
  zone('news.example', `_spf 60 IN TXT "v=spf1 ${networks.join(' ')} -all"`);

/** Calls the flattener as the Scheduler does every minute. */
async function refresh(): Promise<void> {
  expect(await service.local.invoke('flattener', {})).toMatchObject({ answered: true });
}

describe('an include that is published as addresses', () => {
  const domain = 'flat.example';
  const include = 'include:_spf.news.example';
  const senders = async () => (await send<SpfDocument>('GET', `/v1/domains/${domain}/spf`)).body;
  const source = async () =>
    (await senders()).sources.find(({ mechanism }) => mechanism === include)!;
  const hosted = async () =>
    (await service.resolver.resolveTxt(hostedName).catch(() => [])).flat().join('');
  let hostedName: string;

  /** Queries again once the time of the next query has come, without waiting minutes for it. */
  async function refreshLater(): Promise<void> {
    await moveBack(domain, 10 * 60_000);
    await refresh();
  }

  const refreshed = (what: string, done: (found: SpfDocument['sources'][number]) => boolean) =>
    until(
      what,
      async () => {
        await refreshLater();
        return source();
      },
      done,
      20,
    );

  test('is included until two queries agree on its addresses, which then take its place', async () => {
    await publishes('ip4:198.51.100.0/25', 'ip4:198.51.100.128/25', 'ip6:2001:db8:1::/48');
    await api.claim(domain);
    const { status, body } = await send<DomainDocument>('PATCH', `/v1/domains/${domain}`, {
      spf: { add: [{ mechanism: include, flatten: true }, 'ip4:192.0.2.7'] },
    });
    expect(status).toBe(200);
    hostedName = /include:(\S+)/.exec(body.records.find(({ id }) => id === 'spf')!.value)![1]!;
    await until('the include', hosted, (text) => text.includes(include), 10);
    await refresh();
    expect(await source()).toMatchObject({
      from: 'customer',
      flattening: {
        state: 'looking',
        published: null,
        candidate: ['ip4:198.51.100.0/24', 'ip6:2001:db8:1::/48'],
      },
    });
    await refresh();
    expect(await hosted()).toContain(include);
    const { lookups } = await senders();
    await refreshed('two queries to agree', ({ flattening }) => flattening?.state === 'current');
    const text = await until('the addresses', hosted, (seen) => !seen.includes(include), 10);
    expect(text).toContain('ip4:198.51.100.0/24 ip6:2001:db8:1::/48 ip4:192.0.2.7');
    expect((await senders()).lookups).toBe(lookups - 1);
    expect((await spfOf('198.51.100.200', hostedName)).result).toBe('pass');
  });

  test('the API lists every address that may send, and whose it is', async () => {
    const { sources, addresses, records } = await senders();
    expect(sources.map(({ mechanism, from }) => [mechanism, from])).toEqual(
      expect.arrayContaining([
        ['include:amazonses.com', 'service'],
        [include, 'customer'],
        ['ip4:192.0.2.7', 'customer'],
      ]),
    );
    expect(addresses).toEqual(
      expect.arrayContaining(['ip4:198.51.100.0/24', 'ip6:2001:db8:1::/48', 'ip4:192.0.2.7']),
    );
    expect(records).toEqual([{ name: hostedName, text: await hosted() }]);
  });

  test('a change by which most would go is held until the customer confirms it', async () => {
    await publishes('ip4:198.51.100.0/28', 'ip6:2001:db8:1::/48');
    const { flattening } = await refreshed('the change', (one) => one.flattening?.state === 'held');
    expect(flattening).toMatchObject({
      detail: 'of its 256 IPv4 addresses 16 would be left',
      published: ['ip4:198.51.100.0/24', 'ip6:2001:db8:1::/48'],
      candidate: ['ip4:198.51.100.0/28', 'ip6:2001:db8:1::/48'],
    });
    expect((await spfOf('198.51.100.200', hostedName)).result).toBe('pass');
    const { status } = await send('PATCH', `/v1/domains/${domain}`, {
      spf: { confirm: [include] },
    });
    expect(status).toBe(200);
    await until('the change', hosted, (text) => text.includes('ip4:198.51.100.0/28'), 10);
    expect((await spfOf('198.51.100.200', hostedName)).result).toBe('softfail');
    await refreshed('a query', (one) => one.flattening?.state === 'current');
  });

  test('the last good addresses stay while the include cannot be read', async () => {
    await zone('news.example');
    const { flattening } = await refreshed(
      'the failure',
      (one) => one.flattening?.state === 'failing',
    );
    expect(flattening).toMatchObject({
      detail: '_spf.news.example has 0 SPF records',
      published: ['ip4:198.51.100.0/28', 'ip6:2001:db8:1::/48'],
    });
    expect(await hosted()).toContain('ip4:198.51.100.0/28');
  });
});

/** Moves what is known of a domain's flattened includes into the past. */
async function moveBack(domain: string, milliseconds: number): Promise<void> {
  const { aws } = service.local.endpoints;
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws }),
  );
  const TableName = aws.tables.flattenings;
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  const earlier = (time: string) => new Date(Date.parse(time) - milliseconds).toISOString();
  for (const item of Items.filter((one) => one['domain'] === domain)) {
    const { candidate } = item as { candidate?: { since: string } };
    const moved = candidate && { candidate: { ...candidate, since: earlier(candidate.since) } };
    const Item = { ...item, dueAt: new Date(0).toISOString(), ...moved };
    await client.send(new PutCommand({ TableName, Item }));
  }
  client.destroy();
}

test('events are delivered to webhooks, but never to an address that is not public', async () => {
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
  // Verified, but without the record that SES queries, so that SES refuses its mail.
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
  const names = ['example.net', 'unready.example'];
  const expected = names.map((name) => `domain.verified of ${name}`);
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
  // Domains of earlier tests may be verified meanwhile.
  const isOurs = ({ data }: DeliveryPage['deliveries'][number]) =>
    'message' in data || names.includes(String(data['domain']));
  const { deliveries } = await until(
    'the deliveries',
    async () => (await send<DeliveryPage>('GET', `/v1/webhooks/${id}/deliveries?limit=100`)).body,
    (page) => page.deliveries.filter(isOurs).length >= expected.length,
    30,
  );
  const advised = deliveries
    .filter(isOurs)
    .map(({ type, data }) => `${type} of ${String(data['message'] ?? data['domain'])}`);
  expect(advised.toSorted()).toEqual(expected.toSorted());
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
  const to = 'success@simulator.amazonses.com';
  const listed = async () => {
    const { body } = await send<MessagePage>('GET', '/v1/messages?domain=example.net');
    return body.messages.filter((message) => message.to === to);
  };
  const messages = await until(
    'the list of messages',
    listed,
    ([first]) => first?.status === 'delivered',
    10,
  );
  expect(messages).toMatchObject([
    {
      domain: 'example.net',
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
    () => historyOf('policy.example'),
    (found) => found.some(({ type }) => type === 'policy.changed'),
    10,
  );
  // sp follows p, as it did without being named.
  for (const tag of ['p', 'sp']) {
    expect(changed.map(({ summary }) => summary)).toContainEqual(
      expect.stringMatching(`^The DMARC policy ${tag} went from none to quarantine\\. `),
    );
  }
});
