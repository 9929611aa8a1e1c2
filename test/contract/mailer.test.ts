import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mailerClient, sesMailer } from '#shared/adapters/aws/mailer.ts';
import { sesExit } from '#shared/core/mail/exit.ts';
import type { AttemptOutcome } from '#shared/core/model/recipient-batch.ts';
import { messageIdOf, tenantIdOf } from '#shared/core/model/names.ts';
import type { Envelope, Mailer } from '#shared/app/ports/mail.ts';
import { errorResponse } from '../../local/aws/errors.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { AwsError, HANG_UP, type AwsHandler } from '../../local/aws/http.ts';
import { createSes, type Ses } from '../../local/aws/ses.ts';
import { MemoryMailer } from '../fakes/mailer.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const mail = (header = '') =>
  Buffer.from(
    `${header}From: ann@example.com\r\nTo: bob@example.net\r\nMIME-Version: 1.0\r\n\r\nHello.\r\n`,
  );
const tags = {
  tenant: tenantIdOf(new Uint8Array(16)),
  message: messageIdOf(new Uint8Array(16)),
  recipientBatch: 2,
  attempt: 3,
};
const envelope = (changes: Partial<Envelope> = {}): Envelope => ({
  source: 'bounces@example.com',
  recipients: ['bob@example.net'],
  tags,
  ...changes,
});
const recipients = (count: number) => Array.from({ length: count }, (_, i) => `r${i}@example.net`);

type Fault = 'throttle' | 'reset-before' | 'reset-after';

interface Harness {
  readonly mailer: Mailer;
  /** The result of the next call. */
  fail(fault: Fault): void;
  /** The recipients of the accepted mails, oldest first. */
  accepted(): (readonly string[])[];
}

/** `example.com` is verified; nothing else is. */
function contract(make: () => Harness) {
  let harness: Harness;
  beforeEach(() => {
    harness = make();
  });
  /** The outcome of one call, and how many mails it left. */
  const send = async (changes: Partial<Envelope> = {}, raw: Buffer = mail()) => {
    const before = harness.accepted().length;
    const outcome = await harness.mailer.send(raw, envelope(changes));
    return { outcome, left: harness.accepted().length - before };
  };

  test('an accepted mail has an id, and goes to those of the envelope alone', async () => {
    const to = recipients(50);
    const { outcome, left } = await send({ recipients: to });
    expect(outcome).toEqual({ kind: 'sent', exitId: expect.stringMatching(/./) as string });
    expect(left).toBe(1);
    expect(harness.accepted().at(-1)).toEqual(to);
  });

  test.each<[string, Partial<Envelope>, Buffer, RegExp]>([
    [
      'an identity that is not verified',
      { source: 'bounces@other.example' },
      mail(),
      /not verified/,
    ],
    ['51 recipients', { recipients: recipients(51) }, mail(), /exceeds 50/],
    ['two signatures', {}, mail('DKIM-Signature: a\r\nDKIM-Signature: b\r\n'), /Duplicate header/],
  ])('%s: refused for good, with the reason', async (_, changes, raw, reason) => {
    const { outcome, left } = await send(changes, raw);
    expect(outcome).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) as string });
    expect(left).toBe(0);
  });

  test.each<[Fault, AttemptOutcome['kind'], number]>([
    ['throttle', 'throttled', 0],
    ['reset-before', 'unclear', 0],
    ['reset-after', 'unclear', 1],
  ])('%s: %s, after a single call that left %i mails', async (fault, kind, count) => {
    harness.fail(fault);
    const { outcome, left } = await send();
    expect(outcome.kind).toBe(kind);
    expect(left).toBe(count);
    expect((await send()).outcome.kind).toBe('sent');
  });
}

describe('in memory', () => {
  contract(() => {
    const mailer = new MemoryMailer('example.com');
    return {
      mailer,
      fail: (fault) => void mailer.faults.push(fault),
      accepted: () => mailer.accepted.map((mails) => mails.envelope.recipients),
    };
  });
});

const CONFIGURATION_SET = 'outbound';

describe('on SES', () => {
  const stateDir = temporaryDirectory();
  const tokens: string[] = [];
  const events: { mail?: { tags?: unknown } }[] = [];
  const ses: Ses = createSes({
    stateDir,
    outbox: join(stateDir, 'outbox'),
    region: REGION,
    accountId: ACCOUNT,
    resolve: (name, type) => ({
      rcode: 'NOERROR',
      answers:
        name === '_amazonses.example.com' && type === 'TXT'
          ? tokens.map((data) => ({ type, name, ttl: 60, data: Buffer.from(data) }))
          : [],
      authorities: [],
    }),
    publish: async (event) => void events.push(event),
    log: () => {},
  });
  ses.putConfigurationSet(CONFIGURATION_SET);
  let gateway: Gateway;
  const mailer = () => sesMailer(mailerClient(settings(gateway)), CONFIGURATION_SET);
  beforeAll(async () => {
    gateway = await gatewayFor({ ses: ses.handle });
    const client = new SESClient(settings(gateway));
    const { VerificationToken: token } = await client.send(
      new VerifyDomainIdentityCommand({ Domain: 'example.com' }),
    );
    tokens.push(token!);
  });
  afterAll(async () => {
    await gateway.close();
    await ses.close();
    remove(stateDir);
  });

  contract(() => ({
    mailer: mailer(),
    fail: (fault) => {
      const planted = {
        throttle: 'throttle',
        'reset-before': 'drop-before',
        'reset-after': 'drop-after',
      };
      ses.plantFaults({ sends: [planted[fault] as 'throttle'] });
    },
    accepted: () => ses.sends().map(({ destinations }) => destinations),
  }));

  test('the tags come back with the events', async () => {
    await mailer().send(mail(), envelope());
    await expect
      .poll(() => events.at(-1)?.mail?.tags)
      .toMatchObject({
        tenant: [tags.tenant],
        message: [tags.message],
        chunk: ['2'],
        attempt: ['3'],
      });
  });

  test('a mail of the largest size is accepted octet for octet', async () => {
    const head = mail('X-Filler: 1\r\n');
    const line = `${'x'.repeat(76)}\r\n`;
    const lines = Math.floor((sesExit.maxOctets - head.length) / line.length);
    const raw = Buffer.concat([head, Buffer.from(line.repeat(lines))]);
    expect(await mailer().send(raw, envelope())).toMatchObject({ kind: 'sent' });
    const id = ses.sends().at(-1)?.messageId;
    const given = readFileSync(join(stateDir, 'outbox', `${id}.eml`));
    expect(given.equals(raw)).toBe(true);
    expect(raw.length).toBeGreaterThan(sesExit.maxOctets - line.length);
  });

  test('a larger one is refused for good', async () => {
    const raw = Buffer.concat([mail(), Buffer.from('x\r\n'.repeat(sesExit.maxOctets / 3))]);
    const outcome = await mailer().send(raw, envelope());
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('more than 40000000 bytes') as string,
    });
  });

  test('a configuration set that is not there is the deployment’s fault: mail waits', async () => {
    const client = mailerClient(settings(gateway));
    expect(await sesMailer(client, 'other').send(mail(), envelope())).toMatchObject({
      kind: 'throttled',
      waitSeconds: 900,
    });
  });
});

/** The mailer’s own retries, not those of the test. */
const settings = (gateway: Gateway) => {
  const { maxAttempts: _, ...config } = clientConfig(gateway);
  return config;
};

/** The outcome where SES answers so, and how often it was asked. */
async function outcomeWhere(ses: AwsHandler) {
  let calls = 0;
  const gateway = await gatewayFor({
    ses: (request) => {
      calls += 1;
      return ses(request);
    },
  });
  try {
    const client = mailerClient(settings(gateway));
    const outcome = await sesMailer(client, CONFIGURATION_SET).send(mail(), envelope());
    return { outcome, calls };
  } finally {
    await gateway.close();
  }
}
const answering =
  (code: string, message: string, status: number): AwsHandler =>
  async () =>
    errorResponse(new AwsError(code, message, status), 'rest-json');

describe('what SES answers means', () => {
  test.each<[string, string, number, AttemptOutcome['kind'], number?]>([
    ['TooManyRequestsException', 'Maximum sending rate exceeded.', 429, 'throttled', 1],
    ['TooManyRequestsException', 'Daily message quota exceeded.', 429, 'throttled', 900],
    ['ThrottlingException', 'Rate exceeded', 400, 'throttled', 1],
    ['LimitExceededException', 'A quota is full.', 400, 'throttled', 900],
    ['SendingPausedException', 'Sending is paused.', 400, 'throttled', 900],
    ['AccountSuspendedException', 'The account is suspended.', 400, 'throttled', 900],
    ['NotFoundException', 'Configuration set <x> does not exist.', 404, 'throttled', 900],
    ['AccessDeniedException', 'Not authorized.', 403, 'throttled', 900],
    ['UnrecognizedClientException', 'The token is invalid.', 403, 'throttled', 900],
    ['ExpiredTokenException', 'The token is expired.', 403, 'throttled', 900],
    ['MessageRejected', 'Email address is not verified.', 400, 'refused'],
    ['MailFromDomainNotVerifiedException', 'MAIL-FROM is not verified.', 400, 'refused'],
    ['BadRequestException', "Duplicate header 'DKIM-Signature'.", 400, 'refused'],
    ['InternalServiceErrorException', 'It failed.', 500, 'unclear'],
    ['ServiceUnavailable', 'Not now.', 503, 'unclear'],
    ['RequestTimeout', 'Too slow.', 408, 'unclear'],
  ])('%s (%s) %i: %s', async (code, message, status, kind, waitSeconds) => {
    const { outcome, calls } = await outcomeWhere(answering(code, message, status));
    expect(outcome).toMatchObject({ kind, reason: expect.stringContaining(message) as string });
    expect('waitSeconds' in outcome ? outcome.waitSeconds : undefined).toBe(waitSeconds);
    expect(calls).toBe(1);
  });

  test('a connection that is cut: unclear, and the SDK did not try again', async () => {
    const { outcome, calls } = await outcomeWhere(async () => HANG_UP);
    expect(outcome.kind).toBe('unclear');
    expect(calls).toBe(1);
  });

  test('an unreadable answer: unclear', async () => {
    const { outcome, calls } = await outcomeWhere(async () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"MessageId":',
    }));
    expect(outcome.kind).toBe('unclear');
    expect(calls).toBe(1);
  });

  test('an answer that never comes: unclear', async () => {
    const gateway = await gatewayFor({ ses: () => new Promise(() => {}) });
    const client = mailerClient({
      ...settings(gateway),
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    });
    const outcome = await sesMailer(client, CONFIGURATION_SET).send(mail(), envelope());
    client.destroy();
    await gateway.close();
    expect(outcome.kind).toBe('unclear');
  });

  test('a server that is not there: SES cannot have the mail, which waits', async () => {
    const gateway = await gatewayFor({ ses: async () => HANG_UP });
    await gateway.close();
    const client = mailerClient(settings(gateway));
    expect(await sesMailer(client, CONFIGURATION_SET).send(mail(), envelope())).toMatchObject({
      kind: 'throttled',
      waitSeconds: 1,
    });
  });

  test('a host name that does not resolve: likewise', async () => {
    const config = { region: REGION, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const client = mailerClient({ ...config, endpoint: 'http://ses.invalid' });
    expect(await sesMailer(client, CONFIGURATION_SET).send(mail(), envelope())).toMatchObject({
      kind: 'throttled',
      waitSeconds: 1,
    });
  });
});
