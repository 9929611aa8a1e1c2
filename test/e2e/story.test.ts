import { readdir, readFile, writeFile } from 'node:fs/promises';
import dns from 'node:dns';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, until } from './support/api.ts';
import { startService, type Service } from './support/service.ts';
import { haraka, mailauth } from './support/verifiers.ts';

let service: Service;
let api: Api;
let resolver: dns.promises.Resolver;

beforeAll(async () => {
  service = await startService();
  api = service.api;
  resolver = service.resolver;
});

afterAll(() => service?.stop());

describe('the main job, from a claim to a signed mail', () => {
  test('a claim is answered with its records, and they come to be in our DNS', async () => {
    const { status, body } = await api.claim('Example.COM.');
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'example.com', status: 'pending', sending: 'preparing' });

    const targets = body.records
      .filter((record) => record.type === 'CNAME')
      .map((record) => record.value.replace(/\.$/, ''));
    expect(targets).toHaveLength(4);
    const spf = /include:(_spf\.\S+)/.exec(body.records.find(({ id }) => id === 'spf')!.value)![1]!;
    await until(
      'publishing',
      () => Promise.all([...targets, spf].map((name) => resolver.resolveTxt(name).catch(() => []))),
      (answers) => answers.every((answer) => answer.length === 1),
      60,
    );
    for (const target of targets.filter((name) => name.includes('._domainkey.'))) {
      const [[...strings]] = (await resolver.resolveTxt(target)) as [string[]];
      expect(strings.join('')).toMatch(/^v=DKIM1;.*p=MII[A-Za-z0-9+/]{300,}/);
    }
  });

  test("the bind export, dropped in as the customer's zone, turns it verified and ready", async () => {
    await writeFile(
      join(service.customerDns, 'example.com.zone'),
      await api.zoneFile('example.com'),
    );
    const { body } = await until(
      'verified and ready',
      () => api.check('example.com'),
      ({ body }) => body.status === 'verified' && body.sending === 'ready',
      60,
    );
    expect(body.records.map(({ id, status }) => `${id} ${status}`)).toEqual(
      body.records.map(({ id }) => `${id} ok`),
    );
    expect(body.verifiedAt).toMatch(/^\d{4}-/);
  });

  test('a mail comes out of the outbox signed once, accepted by verifiers that are not ours', async () => {
    const raw = [
      'From: Ann <ann@example.com>',
      'To: success@simulator.amazonses.com',
      'Subject: Hello',
      '',
      'Hello there.',
      '',
    ].join('\r\n');
    const { status, body } = await api.send(raw);
    expect(status).toBe(202);
    const { body: sent } = await until(
      'delivery',
      () => api.message(body.id),
      (answer) => answer.body.status === 'delivered',
    );
    expect(sent.recipients).toMatchObject([
      { address: 'success@simulator.amazonses.com', state: 'delivered' },
    ]);

    const [mail] = await service.outbox();
    expect(mail!.raw.toString()).toMatch(/\r\n\r\nHello there\.\r\n$/);
    expect(mail!.raw.toString().match(/^DKIM-Signature:/gim)).toHaveLength(1);
    for (const verify of [mailauth(service.dnsPort), haraka(service.dnsPort)]) {
      expect(await verify([mail!.raw, mail!.delivered], 'example.com')).toEqual(['pass', 'pass']);
    }
  });

  test('a bounce and a complaint reach the status of the message', async () => {
    const raw = 'From: ann@example.com\r\nSubject: Hi\r\n\r\nHi.\r\n';
    const { body } = await api.send(raw, [
      'bounce@simulator.amazonses.com',
      'complaint@simulator.amazonses.com',
      'success@simulator.amazonses.com',
    ]);
    const { body: message } = await until(
      'the events',
      () => api.message(body.id),
      (answer) =>
        answer.body.status === 'bounced' &&
        !answer.body.recipients.some(({ state }) => state === 'sent'),
    );
    const states = Object.fromEntries(
      message.recipients.map(({ address, state }) => [address.split('@')[0], state]),
    );
    expect(states).toMatchObject({ bounce: 'bounced', success: 'delivered' });
    expect(['complained', 'delivered']).toContain(states['complaint']);
  });

  test('the private keys and the API key are in no log', async () => {
    const folder = join(service.stateDir, 'logs');
    for (const file of await readdir(folder)) {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text).not.toContain(api.key);
      expect(text).not.toMatch(/PRIVATE KEY|wrappedPrivateKey/);
    }
  });

  test('deleting stops signing at once, keeps the keys in DNS, and can be undone', async () => {
    const zero = (await api.domain('example.com')).body.records.find(
      ({ id }) => id === 'dkim-zero',
    )!;
    const gone = await api.request('DELETE', '/v1/domains/example.com');
    expect([200, 202]).toContain(gone.status);
    expect(
      (await api.send('From: a@example.com\r\nTo: success@simulator.amazonses.com\r\n\r\nx\r\n'))
        .status,
    ).toBe(422);
    expect((await resolver.resolveTxt(zero.value.replace(/\.$/, '')))[0]!.join('')).toMatch(
      /p=MII/,
    );

    const back = await api.claim('example.com');
    expect([200, 201]).toContain(back.status);
    expect(back.body.records.find(({ id }) => id === 'dkim-zero')!.value).toBe(zero.value);
    await until(
      'verified again',
      () => api.check('example.com'),
      ({ body }) => body.status === 'verified',
      20,
    );
  });
});
