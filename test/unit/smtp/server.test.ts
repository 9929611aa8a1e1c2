import { setTimeout as sleep } from 'node:timers/promises';
import { readdir } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Refusal } from '#shared/core/model/errors.ts';
import type { SignIn, SmtpPorts } from '../../../smtp/ports.ts';
import { SmtpClient } from '../../support/smtp-client.ts';
import { givenService, key, tenantOf } from './given-service.ts';

const mail = 'From: a@example.com\r\nSubject: x\r\n\r\nhello\r\n';

async function signedIn(port: number, seed = 1): Promise<SmtpClient> {
  const client = await SmtpClient.tls(port);
  onTestFinished(() => client.close());
  expect(await client.signIn(key(seed))).toMatch(/^235 /);
  return client;
}

describe('a session', () => {
  it('takes a mail over TLS, with its envelope and its octets', async () => {
    const { tls, received } = await givenService();
    const client = await signedIn(tls);
    expect(await client.submit(['B@Example.com', 'c@example.net'], mail)).toBe(
      '250 2.6.0 Accepted as m_1',
    );
    expect(received).toEqual([
      {
        identity: { tenant: tenantOf(1), strict: false },
        raw: Buffer.from(mail),
        recipients: ['B@example.com', 'c@example.net'],
      },
    ]);
  });

  it('takes no credentials before STARTTLS, and a mail after it', async () => {
    const { starttls, received } = await givenService();
    const client = await SmtpClient.plain(starttls);
    onTestFinished(() => client.close());
    expect(await client.reply()).toMatch(/^220 smtp.example ESMTP/);
    const greeting = await client.say('EHLO client.example');
    expect(greeting).toContain('STARTTLS');
    expect(greeting).not.toMatch(/AUTH|SMTPUTF8|DSN|ENHANCEDSTATUSCODES/);
    expect(await client.say('AUTH PLAIN AGEAYQ==')).toMatch(/^500 /);
    expect(await client.say('MAIL FROM:<a@example.com>')).toMatch(/^530 5\.7\.0 /);
    expect(await client.say('STARTTLS')).toMatch(/^220 /);
    await client.startTls();
    expect(await client.say('EHLO client.example')).toMatch(/AUTH (PLAIN LOGIN|LOGIN PLAIN)/);
    await client.say(`AUTH PLAIN ${Buffer.from(`\0a\0${key(2)}`).toString('base64')}`);
    expect(await client.submit(['b@example.com'], mail)).toMatch(/^250 /);
    expect(received).toHaveLength(1);
  });

  it('announces the size of the largest mail, and refuses a larger one at MAIL and after DATA', async () => {
    const { tls, received } = await givenService();
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    await client.reply();
    expect(await client.say('EHLO client.example')).toContain('SIZE 1000000');
    await client.say(`AUTH PLAIN ${Buffer.from(`\0a\0${key(1)}`).toString('base64')}`);
    expect(await client.say('MAIL FROM:<a@example.com> SIZE=1000001')).toMatch(/^552 /);
    const large =
      `${mail}${'x'.repeat(76)}\r\n`.padEnd(100, 'y') + `${'z'.repeat(76)}\r\n`.repeat(13_000);
    expect(await client.submit(['b@example.com'], large)).toBe(
      '552 5.3.4 The mail is too large: at most 1000000 octets.',
    );
    expect(received).toHaveLength(0);
    expect(await client.submit(['b@example.com'], mail)).toMatch(/^250 /);
  });

  it('removes the dots that a client doubled, and no others', async () => {
    const { tls, received } = await givenService();
    const client = await signedIn(tls);
    await client.submit(['b@example.com'], 'A: b\r\n\r\n..one\r\na.b\r\n...three\r\n');
    expect(received[0]?.raw.toString()).toBe('A: b\r\n\r\n.one\r\na.b\r\n..three\r\n');
  });

  it('accepts an empty return path and ignores it', async () => {
    const { tls } = await givenService();
    const client = await signedIn(tls);
    expect(await client.say('MAIL FROM:<>')).toMatch(/^250 /);
  });
});

describe('a sign-in', () => {
  it.each(['user name', 'password'])('takes the key as the %s alone', async (field) => {
    const { tls } = await givenService();
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    await client.reply();
    await client.say('EHLO client.example');
    expect(await client.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    const isName = field === 'user name';
    await client.say(Buffer.from(isName ? key(1) : 'anything').toString('base64'));
    const password = Buffer.from(isName ? 'x' : key(1)).toString('base64');
    expect(await client.say(password)).toMatch(/^235 /);
  });

  it('is refused with a wrong key, and the address after ten of them', async () => {
    const { tls } = await givenService();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const client = await SmtpClient.tls(tls);
      expect(await client.signIn(key(20))).toBe('535 5.7.8 The API key is not known.');
      client.close();
    }
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    expect(await client.signIn(key(1))).toMatch(/^454 4\.7\.0 Too many failed sign-ins/);
  });

  it('is put off while keys cannot be read', async () => {
    const { tls, failures } = await givenService({
      signIn: async () => {
        throw new Error('the table is out');
      },
    });
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    expect(await client.signIn(key(1))).toMatch(/^454 4\.7\.0 /);
    expect(failures).toHaveLength(1);
  });

  it('is needed for mail', async () => {
    const { tls } = await givenService();
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    await client.reply();
    await client.say('EHLO client.example');
    expect(await client.say('MAIL FROM:<a@example.com>')).toMatch(/^530 5\.7\.0 Sign in first/);
  });
});

describe('a key that changes on an open connection', () => {
  it.each([
    [{ kind: 'refused', reason: 'The API key was revoked.' }, '535 5.7.8 The API key was revoked.'],
    [
      { kind: 'suspended', identity: { tenant: tenantOf(1), strict: false } },
      '451 4.7.1 This account is suspended; ask the operator of the service. Try again later.',
    ],
    [
      { kind: 'closed', identity: { tenant: tenantOf(1), strict: false } },
      '550 5.7.1 This account is closed.',
    ],
  ] satisfies [SignIn, string][])('refuses the next mail: %j', async (then, reply) => {
    let now: SignIn = { kind: 'ok', identity: { tenant: tenantOf(1), strict: false } };
    const { tls, received } = await givenService({ signIn: async () => now });
    const client = await signedIn(tls);
    expect(await client.submit(['b@example.com'], mail)).toMatch(/^250 /);
    now = then;
    expect(await client.submit(['b@example.com'], mail)).toBe(reply);
    expect(received).toHaveLength(1);
  });
});

describe('recipients', () => {
  it('are checked one by one as the API checks them', async () => {
    const { tls } = await givenService();
    const client = await signedIn(tls);
    await client.say('MAIL FROM:<a@example.com>');
    expect(await client.say(`RCPT TO:<${'l'.repeat(65)}@example.com>`)).toMatch(/^553 5\.1\.3 /);
    expect(await client.say('RCPT TO:<b@example.com>')).toMatch(/^250 /);
  });

  it('are 1,000 at most', async () => {
    const { tls, received } = await givenService();
    const client = await signedIn(tls);
    await client.say('MAIL FROM:<a@example.com>');
    for (let index = 0; index < 1000; index += 1)
      await client.say(`RCPT TO:<b${index}@example.com>`);
    expect(await client.say('RCPT TO:<more@example.com>')).toMatch(/^452 4\.5\.3 /);
    await client.say('DATA');
    client.write(`${mail}.\r\n`);
    expect(await client.reply()).toMatch(/^250 /);
    expect(received[0]?.recipients).toHaveLength(1000);
  });
});

describe('a mail that is refused', () => {
  it('is answered once its data has ended, as soon as the header showed it', async () => {
    const submit = vi.fn<SmtpPorts['submit']>();
    const { tls, spool } = await givenService({
      checkHeader: async () => new Refusal('from-refused', 'You do not hold example.com.'),
      submit,
    });
    const client = await signedIn(tls);
    const body = 'x'.repeat(70).concat('\r\n').repeat(12_000);
    expect(await client.submit(['b@example.com'], mail + body)).toBe(
      '550 5.7.1 You do not hold example.com.',
    );
    expect(submit).not.toHaveBeenCalled();
    expect(await readdir(spool)).toEqual([]);
    expect(await client.say('NOOP')).toMatch(/^250 /);
  });

  it('and is short is refused by its submission alone', async () => {
    const checkHeader = vi.fn<SmtpPorts['checkHeader']>();
    const { tls } = await givenService({
      checkHeader,
      submit: async () => {
        throw new Refusal('from-refused', 'You do not hold example.com.');
      },
    });
    const client = await signedIn(tls);
    expect(await client.submit(['b@example.com'], mail)).toMatch(/^550 5\.7\.1 /);
    expect(checkHeader).not.toHaveBeenCalled();
  });

  it('by a fault of ours is put off, and logged', async () => {
    const { tls, failures } = await givenService({
      submit: async () => {
        throw new TypeError('a fault');
      },
    });
    const client = await signedIn(tls);
    expect(await client.submit(['b@example.com'], mail)).toMatch(/^451 4\.3\.0 /);
    expect(failures.map(({ during }) => during)).toEqual(['submitting a mail']);
  });
});

describe('a large mail', () => {
  it('goes to disk while it comes, arrives octet by octet, and leaves nothing there', async () => {
    const { tls, received, spool } = await givenService({}, { memoryOctets: 1000 });
    const client = await signedIn(tls);
    const body = Array.from({ length: 9000 }, (_, index) => `${index} .line\r\n`).join('');
    expect(await client.submit(['b@example.com'], mail + body)).toMatch(/^250 /);
    expect(received[0]?.raw.equals(Buffer.from(`${mail}${body}`))).toBe(true);
    expect(await readdir(spool)).toEqual([]);
  });

  it('waits, unread, until others have made room', async () => {
    const held: (() => void)[] = [];
    const { tls } = await givenService(
      {
        submit: async () => {
          await new Promise<void>((resolve) => held.push(resolve));
          return { id: 'm_x', repairs: 0 };
        },
      },
      { memoryOctets: 1000, receivingOctets: 1000 },
    );
    const first = await signedIn(tls);
    const second = await signedIn(tls, 2);
    const one = first.submit(['b@example.com'], mail);
    await expect.poll(() => held).toHaveLength(1);
    const two = second.submit(['b@example.com'], mail);
    await sleep(50);
    expect(held).toHaveLength(1);
    held[0]?.();
    expect(await one).toMatch(/^250 /);
    await expect.poll(() => held).toHaveLength(2);
    held[1]?.();
    expect(await two).toMatch(/^250 /);
  });
});

describe('connections', () => {
  it('that break off inside DATA send nothing, and leave nothing', async () => {
    const { tls, received, spool, failures } = await givenService({}, { memoryOctets: 100 });
    for (let index = 0; index < 30; index += 1) {
      const client = await signedIn(tls, (index % 9) + 1);
      await client.begin(['b@example.com']);
      client.write(mail.slice(0, 20 + index) + 'x'.repeat(index * 20));
      await sleep(1);
      client.close();
    }
    await expect.poll(() => readdir(spool)).toEqual([]);
    expect(received).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('of one tenant leave the others theirs', async () => {
    const { tls } = await givenService(
      {},
      { connections: { total: 100, perTenant: 50, perAddress: 60 } },
    );
    const clients = await Promise.all(Array.from({ length: 60 }, async () => SmtpClient.tls(tls)));
    onTestFinished(() => clients.forEach((client) => client.close()));
    const replies = await Promise.all(clients.map(async (client) => client.signIn(key(1))));
    expect(replies.filter((reply) => reply.startsWith('235 '))).toHaveLength(50);
    expect(replies.filter((reply) => reply.startsWith('421 4.7.0 '))).toHaveLength(10);
    const other = await signedIn(tls, 2);
    expect(await other.submit(['b@example.com'], mail)).toMatch(/^250 /);
  });

  it('that do not sign in are ended; those that did stay', async () => {
    const { tls } = await givenService({}, { signInMs: 20 });
    const member = await signedIn(tls);
    const stranger = await SmtpClient.tls(tls);
    onTestFinished(() => [member, stranger].forEach((client) => client.close()));
    await stranger.reply();
    expect(await stranger.reply()).toMatch(/^421 4\.7\.0 /);
    await vi.waitFor(() => expect(stranger.isClosed).toBe(true));
    expect(await member.submit(['b@example.com'], mail)).toMatch(/^250 /);
  });

  it('that leave while they sign in are counted out', async () => {
    let answer: ((signIn: SignIn) => void) | undefined;
    const { tls } = await givenService(
      { signIn: async () => new Promise((resolve) => (answer = resolve)) },
      { connections: { total: 1, perTenant: 1, perAddress: 1 } },
    );
    const client = await SmtpClient.tls(tls);
    await client.reply();
    await client.say('EHLO client.example');
    client.write(`AUTH PLAIN ${Buffer.from(`\0a\0${key(1)}`).toString('base64')}\r\n`);
    await expect.poll(() => answer).toBeDefined();
    client.close();
    await sleep(20);
    answer?.({ kind: 'ok', identity: { tenant: tenantOf(1), strict: false } });
    const greeting = async (): Promise<string> => {
      const next = await SmtpClient.tls(tls);
      onTestFinished(() => next.close());
      return next.reply();
    };
    await expect.poll(greeting).toMatch(/^220 /);
  });
});

describe('a restart', () => {
  it('lets the mail that is coming in end, and ends idle connections with 421', async () => {
    const { service, tls, received } = await givenService();
    const idle = await signedIn(tls);
    const busy = await signedIn(tls, 2);
    await busy.begin(['b@example.com']);
    busy.write(mail);
    await sleep(20);
    const drained = service.drain(5000);
    expect(await idle.reply()).toBe('421 4.3.2 The server restarts; connect again.');
    busy.write('.\r\n');
    expect(await busy.reply()).toBe('250 2.6.0 Accepted as m_1');
    expect(await busy.reply()).toBe('421 4.3.2 The server restarts; connect again.');
    await drained;
    expect(received).toHaveLength(1);
    await expect(SmtpClient.tls(tls)).rejects.toThrow(/ECONNREFUSED|disconnected|hang up/);
  });
});
