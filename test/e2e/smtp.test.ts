import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { anyPort } from '../../local/runtime/ports.ts';
import { isLong } from '../support/long.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { sharedService, type Service } from './support/service.ts';
import {
  clients,
  postfixIsInstalled,
  smtpSource,
  startPostfix,
  type Target,
} from './support/smtp-clients.ts';
import { mailauth } from './support/verifiers.ts';

const TO = 'success@simulator.amazonses.com';
let service: Service;
let api: Api;
let starttls: Target;
let tls: Target;

beforeAll(async () => {
  service = await sharedService();
  api = service.api;
  await onboard(service, api, 'smtp.example');
  const { port, tlsPort } = service.local.endpoints.smtp;
  const { key } = api;
  starttls = { port, tls: false, key };
  tls = { port: tlsPort, tls: true, key };
});

afterAll(() => service?.stop());

const isNone = (left: number): boolean => left === 0;

/** Waits for the mails of a subject. */
const arrived = async (subject: string, count = 1) =>
  until(
    `${count} of ${subject} in the outbox`,
    async () => (await service.outbox()).filter(({ raw }) => raw.includes(subject)),
    (found) => found.length >= count,
    60,
  );

const mailOf = (subject: string, more = '') =>
  `From: app@smtp.example\r\nTo: ${TO}\r\nSubject: ${subject}\r\n${more}\r\nHello.\r\n`;

async function signedIn(key = api.key): Promise<SmtpClient> {
  const client = await SmtpClient.tls(tls.port);
  expect(await client.signIn(key)).toMatch(/^235 /);
  return client;
}

describe('clients', () => {
  for (const client of clients) {
    const installed = client.isInstalled();
    if (!installed)
      console.error(`SKIPPED: ${client.name} IS NOT INSTALLED, so its mail is not tried.`);
    for (const way of ['TLS', 'STARTTLS'] as const) {
      test.skipIf(!installed)(`${client.name} submits over ${way}`, async () => {
        const subject = `by ${client.name} over ${way}`;
        await client.submit(
          { from: 'app@smtp.example', to: TO, subject },
          way === 'TLS' ? tls : starttls,
        );
        const [mail] = await arrived(subject);
        const { raw, delivered } = mail!;
        expect(await mailauth(service.dnsPort)([raw, delivered], 'smtp.example')).toEqual([
          'pass',
          'pass',
        ]);
      });
    }
  }
});

describe('a mail', () => {
  test('is on the message list with its channel, and ends as delivered', async () => {
    const client = await signedIn();
    const accepted = await client.submit([TO], mailOf('on the list'));
    client.close();
    const [, id = ''] = /^250 2\.6\.0 Accepted as (m_\w+)/.exec(accepted) ?? [];
    const { body } = await until(
      'the mail delivered',
      () => api.request<{ status: string; channel: string }>('GET', `/v1/messages/${id}`),
      (answer) => answer.body.status === 'delivered',
      30,
    );
    expect(body.channel).toBe('smtp');
    const counts = await api.request<{ total: { smtp: number } }>(
      'GET',
      '/v1/message-counts?domain=smtp.example',
    );
    expect(counts.body.total.smtp).toBeGreaterThan(0);
  });

  test('of 20 MB arrives byte for byte', async () => {
    const content = randomBytes(15_000_000).toString('base64').replace(/.{76}/g, '$&\r\n');
    const client = await signedIn();
    const reply = await client.submit(
      [TO],
      mailOf(
        'twenty megabytes',
        'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n',
      ).replace('Hello.\r\n', `${content}\r\n`),
    );
    client.close();
    expect(reply).toMatch(/^250 /);
    const [mail] = await arrived('twenty megabytes');
    expect(
      mail!.raw.subarray(mail!.raw.indexOf('\r\n\r\n') + 4).equals(Buffer.from(`${content}\r\n`)),
    ).toBe(true);
  });

  test('that its client submits again is sent once; one without Message-ID and Date twice', async () => {
    const client = await signedIn();
    const named = mailOf(
      'the same',
      'Message-ID: <1@smtp.example>\r\nDate: Sun, 29 Nov 2026 00:00:00 +0000\r\n',
    );
    const first = await client.submit([TO], named);
    expect(await client.submit([TO], named)).toBe(first);
    const bare = await client.submit([TO], mailOf('not the same'));
    expect(await client.submit([TO], mailOf('not the same'))).not.toBe(bare);
    client.close();
    await arrived('not the same', 2);
    await sleep(500);
    const subjects = (await service.outbox()).map(({ raw }) =>
      String(/^Subject: (.*)\r$/m.exec(raw.toString('latin1'))?.[1]),
    );
    expect(subjects.filter((subject) => subject === 'the same')).toHaveLength(1);
    expect(subjects.filter((subject) => subject === 'not the same')).toHaveLength(2);
  });

  test('with a From that the tenant does not hold is refused with what to do', async () => {
    const client = await signedIn();
    expect(
      await client.submit([TO], mailOf('x').replace('app@smtp.example', 'app@example.org')),
    ).toMatch(/^550 5\.7\.1 .*example\.org/);
    client.close();
  });
});

describe('a key', () => {
  test('that is revoked on an open connection sends no more', async () => {
    const other = await api.request<{ key: string; id: string }>('POST', '/v1/api-keys', {
      json: { name: 'smtp', scopes: ['messages'] },
    });
    const client = await signedIn(other.body.key);
    expect(await client.submit([TO], mailOf('before the revocation'))).toMatch(/^250 /);
    await service.revoke(other.body.key);
    expect(await client.submit([TO], mailOf('after the revocation'))).toMatch(/^535 5\.7\.8 /);
    client.close();
  });
});

describe('the task', () => {
  test('lacks a right: the mail is put off with 451, and denied.log has the call', async () => {
    const role = service.local.deployment.principals.get('function-sender-domains-smtp')!;
    const taken = (role.policies as unknown[]).splice(0);
    try {
      const client = await SmtpClient.tls(tls.port);
      expect(await client.signIn(api.key)).toMatch(/^454 4\.7\.0 /);
      client.close();
    } finally {
      (role.policies as unknown[]).push(...taken);
    }
    const denied = await readFile(join(service.stateDir, 'logs/denied.log'), 'utf8');
    expect(denied).toContain('dynamodb:GetItem');
  });
});

if (!postfixIsInstalled())
  console.error('SKIPPED: POSTFIX IS NOT INSTALLED, so no smart host is tried.');
test.skipIf(!postfixIsInstalled())(
  'a smart host loses and doubles no mail while the server restarts',
  async () => {
    const mails = isLong ? 500 : 60;
    const postfix = await startPostfix(await anyPort(), starttls);
    onTestFinished(() => postfix.stop());
    const bySource = async () =>
      (await service.outbox()).filter(({ raw }) => raw.includes('smarthost.example'));
    const half = () =>
      smtpSource(postfix.port, {
        from: 'app@smtp.example',
        to: TO,
        mails: mails / 2,
        sessions: 10,
      });
    const first = half();
    const some = (found: readonly unknown[]): boolean => found.length >= mails / 4;
    await until('a quarter of them in the outbox', bySource, some, 60);
    process.kill(service.local.containers[0]!.pid!, 'SIGTERM');
    // Half of them come while the server ends and starts.
    await Promise.all([first, half()]);
    await until('the queue of the smart host empty', () => postfix.queued(), isNone, 120);
    await until(`${mails} mails in the outbox`, bySource, (found) => found.length >= mails, 120);
    await service.idle('outbound');
    expect(await bySource()).toHaveLength(mails);
  },
);
