import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import dns from 'node:dns';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, until } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';
import { haraka, mailauth } from './support/verifiers.ts';

let service: Service;
let api: Api;
let resolver: dns.promises.Resolver;

beforeAll(async () => {
  service = await sharedService();
  api = service.api;
  resolver = service.resolver;
});

afterAll(() => service?.stop());

const delivered = (id: string) =>
  until(
    'delivery',
    () => api.message(id),
    (answer) => answer.body.status === 'delivered',
    60,
  );

/** The messages of lines of a log. */
const textsOf = (lines: readonly Record<string, unknown>[]) => lines.map((each) => each['message']);

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
    // A server that is slow once makes a record unknown, and changes nothing.
    const { body } = await until(
      'verified and ready, with every record ok',
      () => api.check('example.com'),
      ({ body }) =>
        body.status === 'verified' &&
        body.sending === 'ready' &&
        body.records.every(({ status }) => status === 'ok'),
      60,
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

  test('the id of a mail is in the log of every function that it passed, and so is the exit’s', async () => {
    const { body } = await api.send('From: ann@example.com\r\nSubject: Hi\r\n\r\nHi.\r\n', [
      'success@simulator.amazonses.com',
    ]);
    await delivered(body.id);
    const messagesOf = async (name: string) => {
      const file = join(service.stateDir, 'logs', `sender-domains-${name}.log`);
      const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
      return lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ messageId }) => messageId === body.id);
    };
    const logs = await until(
      'the lines',
      async () => ({
        messages: await messagesOf('messages'),
        signer: await messagesOf('signer'),
        events: await messagesOf('ses-events'),
      }),
      ({ events }) => events.length >= 2,
    );
    expect(textsOf(logs.messages)).toEqual(['a mail was accepted']);
    expect(textsOf(logs.signer)).toEqual(['a mail was signed', 'a mail was sent']);
    const [, sent] = logs.signer;
    const exitIds = new Set(logs.events.map((each) => each['exitId']));
    expect(exitIds).toEqual(new Set([sent?.['exitId']]));
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
      ({ body: { counts } }) =>
        counts.complained === 1 && counts.bounced === 1 && counts.delivered === 1,
    );
    expect(message.status).toBe('complained');
    const states = Object.fromEntries(
      message.recipients.map(({ address, state }) => [address.split('@')[0], state]),
    );
    const expected = { bounce: 'bounced', complaint: 'complained', success: 'delivered' };
    expect(states).toMatchObject(expected);
    expect(message.counts).toEqual({ bounced: 1, complained: 1, delivered: 1 });
  });

  test('an address that bounced gets no more mail, until it is taken off the list', async () => {
    const address = 'gone@nowhere.invalid';
    const raw = 'From: ann@example.com\r\nSubject: Hi\r\n\r\nHi.\r\n';
    const first = await api.send(raw, [address]);
    const listed = await until(
      'the suppression list',
      () => api.request<{ readonly address: string }>('GET', `/v1/suppressions/${address}`),
      ({ status }) => status === 200,
    );
    expect(listed.body).toMatchObject({ address, reason: 'bounce', message: first.body.id });
    const sentBefore = (await service.outbox()).length;
    const { status, body } = await api.send(raw, [address.toUpperCase()]);
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { suppressed: ['GONE@nowhere.invalid'] },
    });
    expect((await api.message(body.id)).body.status).toBe('suppressed');
    await api.request('DELETE', `/v1/suppressions/${address}`);
    const again = await api.send(raw, [address]);
    await until(
      'the bounce',
      () => api.message(again.body.id),
      (message) => message.body.status === 'bounced',
    );
    expect((await service.outbox()).length).toBe(sentBefore + 1);
  });

  test('a mail by its fields, to a thousand recipients, comes out once for every 50', async () => {
    const before = (await service.outbox()).length;
    const to = Array.from({ length: 1_000 }, (_, i) => `success+${i}@simulator.amazonses.com`);
    const { status, body } = await api.request<{ id: string }>('POST', '/v1/messages', {
      json: {
        from: 'Ann <ann@example.com>',
        to: 'success@simulator.amazonses.com',
        subject: 'Grüße',
        html: '<p>Hello there.</p>',
        attachments: [{ filename: 'a.txt', content: btoa('Hello.') }],
        envelope: { recipients: to },
      },
    });
    expect(status).toBe(202);
    const mails = await until(
      'twenty mails',
      async () => (await service.outbox()).slice(before),
      ({ length }) => length === 20,
      120,
    );
    const { body: message } = await api.message(body.id);
    expect(Object.values(message.counts).reduce((sum, count) => sum + count)).toBe(1_000);
    const { raw, delivered: changed } = mails[0]!;
    expect(await mailauth(service.dnsPort)([raw, changed], 'example.com')).toEqual([
      'pass',
      'pass',
    ]);
  });

  test('an attachment of 20 MB, by upload, arrives signed and octet for octet', async () => {
    const before = (await service.outbox()).length;
    const content = randomBytes(20_000_000);
    const upload = await api.upload(content);
    expect(upload.sent).toBe(200);
    const { status, body } = await api.request<{ id: string }>('POST', '/v1/messages', {
      json: {
        from: 'ann@example.com',
        to: 'success@simulator.amazonses.com',
        text: 'See the file.',
        attachments: [{ filename: 'file.bin', upload: upload.id }],
      },
    });
    expect(status).toBe(202);
    await delivered(body.id);
    const [mail] = (await service.outbox()).slice(before);
    const [, part = ''] = /filename=file\.bin\r\n\r\n([^-]*)\r\n--/.exec(
      mail!.delivered.toString('latin1'),
    )!;
    expect(Buffer.from(part, 'base64').equals(content)).toBe(true);
    const verdicts = await mailauth(service.dnsPort)([mail!.raw, mail!.delivered], 'example.com');
    expect(verdicts).toEqual(['pass', 'pass']);
  });

  test('a mail of the largest size, by upload, arrives; a larger one is refused with the limit', async () => {
    const before = (await service.outbox()).length;
    const head = 'From: ann@example.com\r\nTo: success@simulator.amazonses.com\r\n\r\n';
    const line = `${'x'.repeat(98)}\r\n`;
    const raw = Buffer.alloc(29_990_000, line);
    raw.write(head);
    raw.write('\r\n', raw.length - 2);
    const upload = await api.upload(raw);
    const { status, body } = await api.request<{ id: string }>('POST', '/v1/messages', {
      json: { upload: upload.id, envelope: { recipients: ['success@simulator.amazonses.com'] } },
    });
    expect(status).toBe(202);
    await delivered(body.id);
    const [mail] = (await service.outbox()).slice(before);
    expect(mail!.raw.subarray(-raw.length + head.length).equals(raw.subarray(head.length))).toBe(
      true,
    );

    const tooLarge = await api.request('POST', '/v1/uploads', { json: { size: raw.length + 1 } });
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.body['detail']).toMatch(/29990000/);
    // With the attachment in base64, and one octet more.
    const large = await api.upload(randomBytes(24_000_000));
    const answer = await api.request('POST', '/v1/messages', {
      json: {
        from: 'ann@example.com',
        to: 'success@simulator.amazonses.com',
        attachments: [{ filename: 'file.bin', upload: large.id }],
      },
    });
    expect(answer.status).toBe(413);
    expect(answer.body['detail']).toMatch(/at most 29990000/);
  });

  test('while SES is in its sandbox the answer to a mail says so', async () => {
    const raw = 'From: ann@example.com\r\nTo: success@simulator.amazonses.com\r\n\r\nHi.\r\n';
    const before = await api.send(raw);
    expect(before.body).not.toHaveProperty('sandbox');
    service.local.ses.putSandbox(true);
    // What an execution environment knows of the account is an hour old at most.
    await service.local.killFunction('messages');
    const { status, body } = await api.send(raw);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      sandbox: true,
      note: expect.stringContaining('verified addresses') as string,
    });
    service.local.ses.putSandbox(false);
    await service.local.killFunction('messages');
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
